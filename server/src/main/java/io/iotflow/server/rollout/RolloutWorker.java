package io.iotflow.server.rollout;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Worker;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.firmware.Image;
import io.iotflow.server.firmware.Images;
import io.iotflow.server.firmware.Updates;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what [RolloutLife] decides, on a thread of its own: a step, its decision included, is one transaction that
/// holds the rollout's row, so that no two nodes act on one rollout and a node that dies leaves whole steps behind.
final class RolloutWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutWorker.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration JOIN_EVERY = Duration.ofSeconds(10);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private final Database database;
    private final DeviceRegistry devices;
    private final Images images;
    private final Updates updates;
    private final Rollouts rollouts;
    private final Consumer<Rollout> announce;
    private final Audit audit;
    private final InstantSource clock;
    private final RolloutStore store = new RolloutStore();
    private final Worker worker;
    /// When devices were last looked for that may join.
    private final Map<Long, Instant> joined = new HashMap<>();
    /// Images of earlier versions, by rollout, whose files have been looked at.
    private final Map<Long, Map<String, Image>> former = new HashMap<>();

    RolloutWorker(Database database, DeviceRegistry devices, Images images, Updates updates, Rollouts rollouts,
            Consumer<Rollout> announce, Audit audit, InstantSource clock) {
        this.database = database;
        this.devices = devices;
        this.images = images;
        this.updates = updates;
        this.rollouts = rollouts;
        this.announce = announce;
        this.audit = audit;
        this.clock = clock;
        worker = new Worker(database, Rollouts.WAKE, "rollouts", RETRY, this::pass);
        worker.start();
    }

    private Duration pass() {
        var began = System.nanoTime();
        reopen();
        var alive = database.transaction(OrganizationPath.ROOT, store::alive);
        joined.keySet().retainAll(alive);
        former.keySet().retainAll(alive);
        for (var id : alive) {
            try {
                while (!worker.isClosing() && goesOn(id)) { } // until nothing is to be done now
            } catch (IOException | PlatformException | JdbiException e) {
                LOG.warn("event=rollout_waits rollout={} cause=\"{}\"", id,
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }
        if (alive.isEmpty()) return IDLE;
        // Counting large rollouts takes time from the devices that are counted: it gets a tenth of it at most.
        var rest = Duration.ofNanos(9 * (System.nanoTime() - began));
        return rest.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN : rest.compareTo(IDLE) > 0 ? IDLE : rest;
    }

    /// A device that installed already when it was called back, and could not say so, has to go back, too.
    private void reopen() {
        var since = now().minus(FirmwareLimits.FIRMWARE_PATIENCE);
        for (var id : database.transaction(OrganizationPath.ROOT, handle -> store.reopenable(handle, since))) {
            database.transaction(OrganizationPath.ROOT, handle -> store.take(handle, id)
                    .filter(it -> it.state() == RolloutState.ROLLED_BACK)
                    .flatMap(it -> moved(handle, it, "rollout.reopened", store.move(handle, it,
                            RolloutState.ROLLING_BACK, it.stage(), it.reason(), now())).after())).ifPresent(announce);
        }
    }

    /// One step.
    ///
    /// @return whether another may follow at once
    private boolean goesOn(long id) throws IOException {
        var rollout = database.transaction(OrganizationPath.ROOT, handle -> store.find(handle, id));
        if (rollout.isEmpty() || rollout.get().endedAt().isPresent()) return false;
        var image = images.require(OrganizationPath.ROOT, rollout.get().image());
        var before = rollout.get().state() == RolloutState.ROLLING_BACK ? former(rollout.get(), image)
                : Map.<String, Image>of();
        var decision = database.transaction(OrganizationPath.ROOT, handle ->
                RolloutLife.next(facts(handle, rollout.get(), before.keySet()), clock.instant()));
        return switch (decision) {
            case Decision.Rest _ -> joins(rollout.get(), image);
            case Decision.Begin _ -> begin(rollout.get(), image);
            case Decision.Recall _ -> updates.recall(id, "the rollout was " + rollout.get().state().word()) > 0;
            case Decision.Offer _, Decision.NextStage _, Decision.Halt _, Decision.Finish _, Decision.Revert _,
                 Decision.End _ -> act(id, image, before);
        };
    }

    private RolloutLife.Facts facts(Handle handle, Rollout rollout, Set<String> versions) {
        var movement = store.movement(handle, rollout.id(), versions, now().minus(Duration.ofMinutes(1)));
        return new RolloutLife.Facts(rollout.state(), rollout.plan(), rollout.stage(),
                store.standings(handle, rollout.id()).counts(rollout), movement.recent(),
                movement.recallable(), movement.revertible(), movement.reverting());
    }

    /// @param after empty when another node has the rollout in hand, or nothing was to be done
    private record Acted(Optional<Rollout> after, boolean hasOffered) {
        static final Acted NOTHING = new Acted(Optional.empty(), false);
    }

    /// Decides again, with the row locked, and does it.
    private boolean act(long id, Image image, Map<String, Image> before) {
        var acted = database.transaction(OrganizationPath.ROOT, handle -> {
            var rollout = store.take(handle, id).filter(it -> it.endedAt().isEmpty());
            return rollout.isEmpty() ? Acted.NOTHING : act(handle, rollout.get(), image, before);
        });
        acted.after().ifPresent(announce);
        return acted.hasOffered() || acted.after().isPresent();
    }

    private Acted act(Handle handle, Rollout rollout, Image image, Map<String, Image> before) {
        return switch (RolloutLife.next(facts(handle, rollout, before.keySet()), clock.instant())) {
            case Decision.Rest _, Decision.Begin _, Decision.Recall _ -> Acted.NOTHING;
            case Decision.Offer(var most) -> new Acted(Optional.empty(), offer(handle, rollout, image, most));
            case Decision.NextStage _ -> moved(handle, rollout, "rollout.advanced",
                    store.move(handle, rollout, rollout.state(), rollout.stage() + 1, "", now()));
            case Decision.Halt(var reason) -> halted(handle, rollout, reason);
            case Decision.Finish _ -> moved(handle, rollout, "rollout.finished",
                    store.end(handle, rollout, RolloutState.FINISHED, now()));
            case Decision.Revert _ -> new Acted(Optional.empty(), revert(handle, rollout, before));
            case Decision.End _ -> moved(handle, rollout, "rollout.ended", store.end(handle, rollout,
                    rollout.state() == RolloutState.ROLLING_BACK ? RolloutState.ROLLED_BACK : rollout.state(), now()));
        };
    }

    private Acted halted(Handle handle, Rollout rollout, String reason) {
        var state = rollout.plan().rollback() ? RolloutState.ROLLING_BACK : RolloutState.HALTED;
        return moved(handle, rollout, "rollout.halted",
                store.move(handle, rollout, state, rollout.stage(), reason, now()));
    }

    private Acted moved(Handle handle, Rollout before, String action, Rollout after) {
        audit.record(handle, Actor.PLATFORM, action, after.target(), before.document(), after.document());
        return new Acted(Optional.of(after), false);
    }

    private boolean offer(Handle handle, Rollout rollout, Image image, int most) {
        var wanted = new ArrayList<Device>();
        var others = new ArrayList<DeviceId>();
        for (var id : store.waiting(handle, rollout, most)) {
            devices.find(handle, id).filter(device -> Rollouts.isFor(device, image))
                    .ifPresentOrElse(wanted::add, () -> others.add(id));
        }
        store.drop(handle, rollout.id(), others);
        var plan = rollout.plan();
        store.offered(handle, rollout.id(), updates.offer(handle, wanted, image.id(), rollout.id(), false,
                plan.attempts(), plan.patience()));
        return !wanted.isEmpty() || !others.isEmpty();
    }

    private boolean revert(Handle handle, Rollout rollout, Map<String, Image> before) {
        var byVersion = store.revertible(handle, rollout.id(), before.keySet(), FirmwareLimits.FIRMWARE_AT_ONCE)
                .stream().collect(Collectors.groupingBy(RolloutStore.Revertible::version));
        var offered = 0;
        for (var each : byVersion.entrySet()) {
            var those = each.getValue().stream().flatMap(it -> devices.find(handle, it.device()).stream()).toList();
            offered += updates.offer(handle, those, before.get(each.getKey()).id(), rollout.id(), true,
                    rollout.plan().attempts(), rollout.plan().patience()).size();
        }
        return offered > 0;
    }

    /// The ready images of what its devices ran before, as far as their files are what was published.
    private Map<String, Image> former(Rollout rollout, Image image) throws IOException {
        var versions = database.transaction(OrganizationPath.ROOT,
                handle -> store.formerVersions(handle, rollout.id()));
        var known = former.computeIfAbsent(rollout.id(), _ -> new HashMap<>());
        for (var version : versions) {
            if (known.containsKey(version)) continue;
            var sibling = images.sibling(image, version);
            if (sibling.isPresent() && images.problem(sibling.get()).isEmpty()) known.put(version, sibling.get());
        }
        return known;
    }

    /// The image is looked at once more, all of it, before the first device is offered it.
    private boolean begin(Rollout rollout, Image image) throws IOException {
        var problem = image.state() == Image.State.READY ? images.problem(image)
                : Optional.of("the image was withdrawn");
        var matching = problem.isPresent() ? List.<Device>of()
                : rollouts.matching(rollout.organization(), image, rollout.plan().scope());
        var began = database.transaction(OrganizationPath.ROOT, handle -> {
            var now = store.take(handle, rollout.id()).filter(it -> it.state() == RolloutState.SCHEDULED);
            if (now.isEmpty()) return Acted.NOTHING;
            if (problem.isPresent()) {
                return moved(handle, now.get(), "rollout.halted",
                        store.move(handle, now.get(), RolloutState.HALTED, 0, problem.get(), now()));
            }
            store.add(handle, rollout.id(), matching, rollout.plan().shares(rollout.id(),
                    matching.stream().map(Device::id).toList()));
            var after = store.move(handle, now.get(), RolloutState.RUNNING, 0, "", now());
            audit.record(handle, Actor.PLATFORM, "rollout.started", after.target(), now.get().document(),
                    after.document().put("devices", matching.size()).put("sha256", image.sha256()));
            return new Acted(Optional.of(after), false);
        });
        joined.put(rollout.id(), now());
        began.after().ifPresent(announce);
        return began.after().isPresent();
    }

    /// Devices that match by now take part in the last stage.
    private boolean joins(Rollout rollout, Image image) {
        if (!rollout.plan().joins() || rollout.state() != RolloutState.RUNNING) return false;
        var last = joined.getOrDefault(rollout.id(), Instant.MIN);
        if (now().isBefore(last.equals(Instant.MIN) ? last : last.plus(JOIN_EVERY))) return false;
        joined.put(rollout.id(), now());
        var matching = rollouts.matching(rollout.organization(), image, rollout.plan().scope());
        if (matching.isEmpty()) return false;
        var stages = new HashMap<DeviceId, Integer>();
        matching.forEach(device -> stages.put(device.id(), rollout.plan().lastStage()));
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var now = store.take(handle, rollout.id()).filter(it -> it.state() == RolloutState.RUNNING);
            return now.isPresent() && store.add(handle, rollout.id(), matching, stages) > 0;
        });
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// Ends after the step that is being done.
    @Override
    public void close() {
        if (!worker.close(LAST_WAIT)) LOG.warn("event=rollout_worker_abandoned");
    }
}
