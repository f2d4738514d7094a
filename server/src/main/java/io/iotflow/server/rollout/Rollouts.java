package io.iotflow.server.rollout;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceScope;
import io.iotflow.server.firmware.Image;
import io.iotflow.server.firmware.Images;
import io.iotflow.server.http.Page;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// The rollouts, and the only door for people to change one; [RolloutWorker] does what they say. Any thread may call.
final class Rollouts {
    /// Wakes the worker of every node.
    static final String WAKE = "rollout";
    private static final Set<RolloutState> STOPPABLE = EnumSet.of(RolloutState.AWAITING_APPROVAL,
            RolloutState.SCHEDULED, RolloutState.RUNNING, RolloutState.PAUSED);

    private final Database database;
    private final Images images;
    private final Function<OrganizationPath, List<Device>> fleet;
    private final Function<Device, DeviceFacts> facts;
    private final Audit audit;
    private final InstantSource clock;
    private final RolloutStore store = new RolloutStore();

    /// One rollout, and how its devices are doing.
    ///
    /// @param statuses how many devices are at which state of their update
    /// @param reverted devices that run again what they ran before
    record Progress(Rollout rollout, List<Counts> stages, Map<String, Long> statuses, long reverting,
                    long reverted) {}

    /// @param fleet all living devices of an organization and those below it
    /// @param facts what filters may see of one
    Rollouts(Database database, Images images, Function<OrganizationPath, List<Device>> fleet,
            Function<Device, DeviceFacts> facts, Audit audit, InstantSource clock) {
        this.database = database;
        this.images = images;
        this.fleet = fleet;
        this.facts = facts;
        this.audit = audit;
        this.clock = clock;
    }

    Page<Rollout> list(OrganizationPath scope, Page.Wish wish, Optional<RolloutState> state) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, wish, state), wish, Rollout::id));
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside the scope
    Progress require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> {
            var rollout = store.find(handle, id).orElseThrow(Rollouts::notFound);
            var movement = store.movement(handle, id, Set.of(), now());
            var standings = store.standings(handle, id);
            return new Progress(rollout, standings.counts(rollout), standings.statuses(),
                    movement.reverting(), movement.reverted());
        });
    }

    Page<RolloutStore.Member> members(OrganizationPath scope, long id, Page.Wish wish, Optional<String> status) {
        return database.transaction(scope, handle -> {
            store.find(handle, id).orElseThrow(Rollouts::notFound);
            return Page.of(store.members(handle, id, wish, status), wish, member -> member.device().value());
        });
    }

    /// Devices that the image is for, and that do not run it.
    List<Device> matching(OrganizationPath organization, Image image, DeviceScope scope) {
        return fleet.apply(organization).stream().filter(device -> isFor(device, image)
                && scope.holds(facts.apply(device).seenBy(organization)))
                .limit(FirmwareLimits.ROLLOUT_DEVICES).toList();
    }

    static boolean isFor(Device device, Image image) {
        return device.status().mayPublish() && image.fits(device)
                && !device.firmwareVersion().equals(image.version());
    }

    Rollout create(Actor by, OrganizationPath organization, String name, long imageId, Plan plan) {
        var image = images.require(by.organization(), imageId).requireReady();
        if (!image.organization().contains(organization)) {
            throw PlatformException.invalid("firmware_id", "belongs to an organization that is not above the "
                    + "rollout's");
        }
        images.signatureProblem(image).ifPresent(why -> {
            throw PlatformException.invalid("firmware_id", "may not be offered: " + why);
        });
        var state = plan.approval() ? RolloutState.AWAITING_APPROVAL : RolloutState.SCHEDULED;
        var draft = new Rollout(0, organization, name, imageId, plan, state, 0, "", author(by), by.name(), "", 1,
                now(), Optional.empty(), Optional.empty(), now());
        return database.transactionInTurn(by.organization(), organization.id(), handle -> {
            if (store.count(handle, organization) >= FirmwareLimits.ROLLOUTS) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + FirmwareLimits.ROLLOUTS
                        + " rollouts; delete some that have ended.");
            }
            var made = store.insert(handle, draft);
            audit.record(handle, by, "rollout.created", made.target(), Audit.NOTHING,
                    made.document().put("sha256", image.sha256()));
            wake(handle);
            return made;
        });
    }

    private static String author(Actor by) {
        return by.kind().word() + " " + by.id();
    }

    /// @throws PlatformException `FORBIDDEN` for its author
    Rollout approve(Actor by, long id, OptionalLong expected) {
        return changed(by, id, expected, "rollout.approved", EnumSet.of(RolloutState.AWAITING_APPROVAL),
                (handle, rollout) -> {
                    if (rollout.author().equals(author(by))) {
                        throw new PlatformException(ErrorCode.FORBIDDEN, "Somebody else than its author has to "
                                + "approve this rollout.");
                    }
                    return store.approve(handle, rollout, by.name(), now());
                });
    }

    Rollout pause(Actor by, long id, OptionalLong expected) {
        return changed(by, id, expected, "rollout.paused", EnumSet.of(RolloutState.RUNNING), (handle, rollout) ->
                store.move(handle, rollout, RolloutState.PAUSED, rollout.stage(), "paused by " + by.name(), now()));
    }

    Rollout resume(Actor by, long id, OptionalLong expected) {
        return changed(by, id, expected, "rollout.resumed", EnumSet.of(RolloutState.PAUSED), (handle, rollout) ->
                store.move(handle, rollout, RolloutState.RUNNING, rollout.stage(), "", now()));
    }

    /// What is offered is called back; what installs goes on.
    Rollout abort(Actor by, long id, OptionalLong expected) {
        return changed(by, id, expected, "rollout.aborted", STOPPABLE, (handle, rollout) ->
                store.move(handle, rollout, RolloutState.ABORTED, rollout.stage(), "aborted by " + by.name(), now()));
    }

    /// It offers nothing more; what is offered stays.
    Rollout finish(Actor by, long id, OptionalLong expected) {
        return changed(by, id, expected, "rollout.finished", EnumSet.of(RolloutState.RUNNING, RolloutState.PAUSED),
                (handle, rollout) -> store.end(handle, rollout, RolloutState.FINISHED, now()));
    }

    void delete(Actor by, long id, OptionalLong expected) {
        database.transaction(by.organization(), handle -> {
            var gone = required(handle, id, expected);
            if (gone.endedAt().isEmpty()) {
                throw new PlatformException(ErrorCode.CONFLICT, "The rollout has not ended; abort it first.");
            }
            store.delete(handle, id);
            audit.record(handle, by, "rollout.deleted", gone.target(), gone.document(), Audit.NOTHING);
            return null;
        });
    }

    @FunctionalInterface
    private interface Change {
        Rollout of(Handle handle, Rollout rollout);
    }

    private Rollout changed(Actor by, long id, OptionalLong expected, String action, Set<RolloutState> from,
            Change change) {
        return database.transactionInTurn(by.organization(), id, handle -> {
            var before = required(handle, id, expected);
            if (!from.contains(before.state())) {
                throw new PlatformException(ErrorCode.CONFLICT, "The rollout is " + before.state().word()
                        + "; this can be done only while it is "
                        + String.join(" or ", from.stream().map(RolloutState::word).toList()) + ".");
            }
            var after = change.of(handle, before);
            audit.record(handle, by, action, after.target(), before.document(), after.document());
            wake(handle);
            return after;
        });
    }

    private Rollout required(Handle handle, long id, OptionalLong expected) {
        var rollout = store.findForUpdate(handle, id).orElseThrow(Rollouts::notFound);
        if (expected.isPresent() && expected.getAsLong() != rollout.revision()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The rollout has changed since it was read.");
        }
        return rollout;
    }

    private void wake(Handle handle) {
        database.notifications().publish(handle, WAKE, "");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such rollout");
    }
}
