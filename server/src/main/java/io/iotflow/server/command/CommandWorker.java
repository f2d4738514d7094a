package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Bells;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import io.iotflow.server.database.Worker;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.ingest.Handover;
import io.iotflow.server.ingest.Lanes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings commands to devices that listen and keeps what becomes of them, many in one transaction, on a thread of its
/// own. That a command goes out is kept before it goes; so what was on its way when the platform died is known to be,
/// and goes once more under the same id.
final class CommandWorker implements CommandChannel.Reports, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandWorker.class);
    private static final String CHANNEL = "command";
    private static final Duration REST = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);
    private static final int HEARD_AT_ONCE = 2_000;
    /// A notification has room for about so many ids.
    private static final int IDS_TOLD = 100;

    private final Database database;
    private final CommandStore store;
    private final Announcer announcer;
    private final InstantSource clock;
    private final Dispatch dispatch;
    private final CommandUpkeep upkeep;
    private final Worker worker;
    private final Bells bells = new Bells();
    /// From devices' own words.
    private final Handover<Report> heard = new Handover<>(CommandLimits.COMMAND_REPORTS);
    /// From connections. As many as commands are on their way.
    private final ConcurrentLinkedQueue<Report> reports = new ConcurrentLinkedQueue<>();
    private final List<Report> taken = new ArrayList<>();
    private int takenFromLanes;

    /// Something that was heard of a command.
    ///
    /// @param by who has said it; empty for what the platform has seen itself
    record Report(UUID command, Optional<DeviceId> by, CommandEvent event, Instant at) {}

    CommandWorker(Database database, CommandStore store, DeviceRegistry devices, CommandChannel channel,
            Announcer announcer, CommandConfig config, InstantSource clock) {
        this.database = database;
        this.store = store;
        this.announcer = announcer;
        this.clock = clock;
        dispatch = new Dispatch(database, store, devices, channel, clock);
        upkeep = new CommandUpkeep(database, store, devices, channel, config, clock);
        worker = new Worker(database, CHANNEL, "commands", RETRY, this::pass);
        database.notifications().subscribe(CHANNEL, new Notifications.Listener() {
            @Override
            public void received(String payload) {
                if (payload.isEmpty()) {
                    missed();
                    return;
                }
                for (var id : payload.split(" ")) {
                    var device = new DeviceId(Long.parseLong(id));
                    dispatch.look(device);
                    bells.ring(device);
                }
            }

            @Override
            public void missed() {
                dispatch.lookAtAll();
                bells.ringAll();
            }
        });
    }

    /// Rings when there is a command for a device.
    Bells bells() {
        return bells;
    }

    void start() {
        worker.start();
    }

    /// Tells every node, when the transaction commits, that these devices have something to get.
    void publish(Handle handle, List<DeviceId> devices) {
        var ids = devices.size() > IDS_TOLD ? "" : String.join(" ", devices.stream().map(DeviceId::toString).toList());
        database.notifications().publish(handle, CHANNEL, ids);
    }

    /// The same for this node, after the commit.
    void deviceHasMore(Collection<DeviceId> devices) {
        devices.forEach(dispatch::look);
        worker.wake();
    }

    /// Commands were changed elsewhere on this node.
    void changed(List<CommandRound.Change> changes) {
        dispatch.changed(changes);
        worker.wake();
    }

    void deviceChanged(DeviceId device) {
        dispatch.look(device);
        upkeep.look(device);
        worker.wake();
    }

    // From the lanes' threads.

    /// Waits while too many wait.
    void heard(Report report) {
        heard.submit(report);
        worker.wake();
    }

    /// What the lanes wait for.
    Lanes.Durable durable() {
        return heard;
    }

    // From connections' event loops.

    @Override
    public void listening(DeviceId device) {
        dispatch.look(device);
        worker.wake();
    }

    @Override
    public void delivered(UUID command, JsonNode proof) {
        seen(command, new CommandEvent.Delivered(proof));
    }

    @Override
    public void refused(UUID command, JsonNode proof) {
        seen(command, new CommandEvent.Refused(proof));
    }

    @Override
    public void unacknowledged(UUID command) {
        seen(command, new CommandEvent.SentUnacknowledged());
    }

    @Override
    public void lost(UUID command) {
        seen(command, new CommandEvent.Lost("the connection ended without an acknowledgement"));
    }

    private void seen(UUID command, CommandEvent event) {
        reports.add(new Report(command, Optional.empty(), event, now()));
        worker.wake();
    }

    // On the worker's own thread.

    private Duration pass() {
        while (!worker.isClosing()) {
            var isBusy = keepWhatWasHeard();
            isBusy |= announced(upkeep.pass(dispatch));
            isBusy |= announced(dispatch.pass()) | dispatch.isBehind();
            if (!isBusy) return REST;
        }
        keepWhatWasHeard();
        return Duration.ZERO;
    }

    private boolean announced(List<CommandRound.Change> changes) {
        announcer.changed(changes);
        dispatch.changed(changes);
        return !changes.isEmpty();
    }

    private boolean keepWhatWasHeard() {
        if (taken.isEmpty()) take();
        if (taken.isEmpty()) return false;
        try {
            announced(database.transaction(OrganizationPath.ROOT, handle -> keep(handle, taken)));
        } catch (PlatformException e) {
            throw e; // the database is away; what was taken is tried again
        } catch (RuntimeException e) {
            LOG.warn("event=command_reports_not_kept count={} effect=\"tried one by one\"", taken.size(), e);
            taken.forEach(this::keepAlone);
        }
        heard.kept(takenFromLanes);
        takenFromLanes = 0;
        taken.clear();
        return true;
    }

    /// What connections have seen first: a device's word comes after its client's acknowledgement.
    private void take() {
        var words = new ArrayList<Report>();
        takenFromLanes = heard.drainTo(words, HEARD_AT_ONCE);
        for (var report = reports.poll(); report != null; report = reports.poll()) {
            taken.add(report);
            if (taken.size() >= HEARD_AT_ONCE) break;
        }
        taken.addAll(words);
    }

    private List<CommandRound.Change> keep(Handle handle, List<Report> all) {
        var round = new CommandRound(store, handle, now())
                .add(store.lock(handle, all.stream().map(Report::command).distinct().toList()));
        for (var report : all) {
            var command = round.find(report.command());
            if (command.isEmpty() || report.by().filter(by -> !by.equals(command.get().device())).isPresent()) continue;
            round.apply(report.command(), report.event(), report.at());
        }
        return round.write();
    }

    private void keepAlone(Report report) {
        try {
            announced(database.transaction(OrganizationPath.ROOT, handle -> keep(handle, List.of(report))));
        } catch (RuntimeException e) {
            LOG.error("event=command_report_dropped command={}", report.command(), e);
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public void close() {
        heard.giveUp();
        if (!worker.close(LAST_WAIT)) LOG.warn("event=commands_abandoned");
    }
}
