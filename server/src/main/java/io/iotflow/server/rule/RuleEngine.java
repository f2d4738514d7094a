package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.alert.Breach;
import io.iotflow.server.alert.Finding;
import io.iotflow.server.alert.Pending;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.Tracing;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
    private final Fleet fleet;
    private final History history;
    private final Consumer<Finding> alerts;
    private final Tracing tracing;
    private final InstantSource clock;
    private final LaneRules[] lanes;

    /// What is known of the devices.
    ///
    /// @param find   also such as have ended
    /// @param living the numbers of all others
    /// @param shadow `{version, reported, desired, delta}` of a device as of now; may block
    /// @param certificateEnd when the last of a device's certificates ends or has ended; may block
    /// @param calibrationDue when the first of a device's sensors must be calibrated; from memory
    /// @param driftsFromConfiguration from memory
    /// @param around what is known of them beside their records
    public record Fleet(Function<DeviceId, Optional<Device>> find,
                        Supplier<List<DeviceId>> living,
                        Function<DeviceId, Optional<Instant>> certificateEnd,
                        Function<DeviceId, Optional<Instant>> calibrationDue,
                        Predicate<DeviceId> isOnline,
                        Predicate<DeviceId> driftsFromConfiguration,
                        DeviceFacts.Around around,
                        Function<DeviceId, JsonNode> shadow) {}

    /// @param alerts takes findings and may wait while there are too many
    /// @param breaches what alerts say that held when the platform stopped
    public RuleEngine(Rules rules, Fleet fleet, History history, Consumer<Finding> alerts,
            List<Breach> breaches, Tracing tracing, int lanes,
            InstantSource clock) {
        this.book = rules::book;
        this.fleet = fleet;
        this.history = history;
        this.alerts = alerts;
        this.tracing = tracing;
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

    /// What has changed about the device, up to this revision of it, is a rule's own doing: for that the rule is not
    /// asked. Any thread may say so, right after the change.
    public void changedByRule(DeviceId device, long revision, long rule) {
        lane(device).changedByRule(device, revision, rule);
    }

    /// Its shadow has changed. Any thread may say so.
    public void shadowChanged(DeviceId device) {
        if (book.get().readsShadow()) lane(device).shadowChanged(device);
    }

    /// It has come or gone. Any thread may say so.
    public void presenceChanged(DeviceId device) {
        if (book.get().readsPresence()) deviceChanged(device);
    }

    /// Somebody has said to be the device and did not prove it. Any thread may say so; it never waits.
    public void credentialRefused(DeviceId device) {
        if (book.get().hears(Signal.CREDENTIAL_REFUSED)) lane(device).signalled(device, Signal.CREDENTIAL_REFUSED);
    }

    RuleBook book() {
        return book.get();
    }

    /// What holds at devices, but not for long enough yet. Waits for the lanes.
    public Stream<Pending> pending() {
        if (!book.get().holdsBack()) return Stream.empty();
        var answers = Arrays.stream(lanes).map(LaneRules::askPending).toList();
        try {
            var list = new ArrayList<Pending>();
            for (var answer : answers) {
                list.addAll(answer.get(Limits.PENDING_WAIT.toMillis(), TimeUnit.MILLISECONDS));
            }
            return list.stream();
        } catch (TimeoutException _) {
            throw new PlatformException(ErrorCode.OVERLOADED, "the rules are busy; ask again");
        } catch (ExecutionException e) {
            throw new IllegalStateException("BUG: a lane could not say what is pending", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new PlatformException(ErrorCode.OVERLOADED, "the platform stops");
        }
    }

    Optional<WatchedDevice> facts(DeviceId id) {
        return fleet.find().apply(id).map(device -> new WatchedDevice(DeviceFacts.of(device, fleet.around()),
                new WatchedDevice.Present(() -> certificateEnd(id), () -> fleet.calibrationDue().apply(id),
                        () -> fleet.isOnline().test(id), () -> fleet.driftsFromConfiguration().test(id)),
                () -> shadow(id)));
    }

    /// An unreadable one has nothing in it.
    JsonNode shadow(DeviceId device) {
        try {
            return fleet.shadow().apply(device);
        } catch (RuntimeException e) {
            failed(device, e);
            return JsonNodeFactory.instance.objectNode();
        }
    }

    private Optional<Instant> certificateEnd(DeviceId device) {
        try {
            return fleet.certificateEnd().apply(device);
        } catch (RuntimeException e) {
            failed(device, e);
            return Optional.empty();
        }
    }

    List<DeviceId> devicesOf(int lane) {
        return fleet.living().get().stream().filter(id -> Math.floorMod(id.value(), lanes.length) == lane).toList();
    }

    /// Null unless somebody follows the device.
    Tracing.Trace traceOf(DeviceId device) {
        return tracing.of(device);
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
    /// @param states      of one rule at one device each
    /// @param bytes       that all states take of memory, about
    /// @param windowBytes and their windows beside them
    public record Figures(long evaluations, long findings, long late, long devices, long states, long bytes,
                          long windowBytes) {}

    public Figures figures() {
        long evaluations = 0;
        long findings = 0;
        long late = 0;
        long watched = 0;
        long states = 0;
        long bytes = 0;
        long windowBytes = 0;
        for (var lane : lanes) {
            var figures = lane.figures();
            evaluations += figures.evaluations();
            findings += figures.findings();
            late += figures.late();
            watched += figures.devices();
            states += figures.states();
            bytes += figures.bytes();
            windowBytes += figures.windowBytes();
        }
        return new Figures(evaluations, findings, late, watched, states, bytes, windowBytes);
    }
}
