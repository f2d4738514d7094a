package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.alert.Finding;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Device;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what devices send, and the passing of time, to the rules that look at it, and what they find to the alerts.
///
/// Runs on the lanes' threads: a device's rules are asked by its lane only. What was measured before a rule began to
/// look, or before a start, is read from the store when the device is next heard of; as that happens before the present
/// message and up to its time, rules go on as if they had never stopped.
public final class RuleEngine implements Lanes.DeviceListener {
    private static final Logger LOG = LoggerFactory.getLogger(RuleEngine.class);

    private final Supplier<RuleBook> book;
    private final Function<DeviceId, java.util.Optional<Device>> devices;
    private final Supplier<java.util.List<DeviceId>> everyDevice;
    private final History history;
    private final Consumer<Finding> alerts;
    private final InstantSource clock;
    private final LaneRules[] lanes;

    /// What is known of the devices.
    ///
    /// @param find   also such as have ended
    /// @param living the numbers of all others
    public record Fleet(Function<DeviceId, java.util.Optional<Device>> find,
                        Supplier<java.util.List<DeviceId>> living) {}

    /// @param alerts takes findings and may wait while there are too many
    /// @param breaches what alerts say that held when the platform stopped
    public RuleEngine(Rules rules, Fleet fleet, History history, Consumer<Finding> alerts,
            java.util.List<io.iotflow.server.alert.Breach> breaches, int lanes, InstantSource clock) {
        this.book = rules::book;
        this.devices = fleet.find();
        this.everyDevice = fleet.living();
        this.history = history;
        this.alerts = alerts;
        this.clock = clock;
        this.lanes = new LaneRules[lanes];
        for (var i = 0; i < lanes; i++) this.lanes[i] = new LaneRules(this, i);
        for (var breach : breaches) lane(breach.device()).held(breach);
    }

    private LaneRules lane(DeviceId device) {
        return lanes[Math.floorMod(device.value(), lanes.length)];
    }

    @Override
    public void on(DeviceEvent event) {
        lane(event.device()).on(event);
    }

    @Override
    public void tick(int lane, long upToMicros) {
        lanes[lane].tick(settled(upToMicros));
    }

    /// A device is new, or something about it has changed. Any thread may say so.
    public void deviceChanged(DeviceId device) {
        lane(device).changed(device);
    }

    RuleBook book() {
        return book.get();
    }

    java.util.Optional<Device> device(DeviceId id) {
        return devices.apply(id);
    }

    java.util.List<DeviceId> devicesOf(int lane) {
        return everyDevice.get().stream().filter(id -> Math.floorMod(id.value(), lanes.length) == lane).toList();
    }

    History history() {
        return history;
    }

    void found(Finding finding) {
        alerts.accept(finding);
    }

    /// Up to when rules may take it that nothing else was measured.
    private long settled(long upToMicros) {
        return Math.min(now(), upToMicros) - RuleProgram.micros(Limits.RULE_GRACE);
    }

    long now() {
        return Timestamps.micros(clock.instant());
    }

    static void failed(DeviceId device, RuntimeException e) {
        LOG.warn("event=rule_history_unread effect=\"rules begin without it\" device={} cause=\"{}\"", device,
                e.toString());
    }

    /// How busy it is.
    ///
    /// @param states of one rule at one device each
    /// @param bytes  that all states and windows take of memory, about
    public record Figures(long evaluations, long findings, long late, long devices, long states, long bytes) {}

    public Figures figures() {
        long evaluations = 0;
        long findings = 0;
        long late = 0;
        long watched = 0;
        long states = 0;
        long bytes = 0;
        for (var lane : lanes) {
            var figures = lane.figures();
            evaluations += figures.evaluations();
            findings += figures.findings();
            late += figures.late();
            watched += figures.devices();
            states += figures.states();
            bytes += figures.bytes();
        }
        return new Figures(evaluations, findings, late, watched, states, bytes);
    }
}
