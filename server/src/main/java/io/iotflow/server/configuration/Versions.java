package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/// The versions of devices, types and groups, and the only door for making one or changing which is active.
///
/// A device's own version reaches it before the act is answered. A type's or a group's is spread by the worker: the act
/// is over when it is written down whose turn it is.
final class Versions {
    private final Configurations configurations;
    private final VersionStore store;
    private final Audit audit;

    private record Made(Version version, Optional<DeviceId> told) {}

    private interface Change {
        Version in(Handle handle, Instant now);
    }

    Versions(Configurations configurations, VersionStore store, Audit audit) {
        this.configurations = configurations;
        this.store = store;
        this.audit = audit;
    }

    Page<Version> list(OrganizationPath scope, Owner owner, Page.Wish wish) {
        return configurations.database().transaction(scope, handle -> Page.of(store.list(handle, owner, wish), wish,
                Version::version));
    }

    /// @throws PlatformException `NOT_FOUND`
    Version require(OrganizationPath scope, Owner owner, long version) {
        return configurations.database().transaction(scope, handle -> required(handle, owner, version));
    }

    /// The active one, if any is.
    Optional<Version> active(OrganizationPath scope, Owner owner) {
        return configurations.database().transaction(scope, handle -> store.active(handle, owner));
    }

    Version set(Actor by, DeviceId device, String key, JsonNode value, DataType type) {
        var setting = KeySetting.of(by, key, value, type);
        var made = configurations.database().transactionInTurn(by.organization(), device.value(), handle -> {
            configurations.states().lock(handle, List.of(device));
            var member = member(handle, device);
            var refused = set(handle, setting, List.of(member)).get(device);
            if (refused != null) throw refused;
            return store.active(handle, new Owner(new Target.OfDevice(device), member.organization())).orElseThrow();
        });
        configurations.publisher().publish(device);
        return made;
    }

    /// In the caller's transaction, for devices that are locked.
    ///
    /// @return what refused it, for such devices
    Map<DeviceId, PlatformException> set(Handle handle, KeySetting setting, Collection<Member> devices) {
        return setting.apply(handle, configurations, store, audit, devices);
    }

    /// Makes a version, as a draft unless it shall be active at once.
    ///
    /// @param values   `{key: value}`
    /// @param expected refuse unless this version is active; 0 for none
    Version create(Actor by, Owner owner, JsonNode values, String note, boolean isActive, OptionalLong expected) {
        return changed(by, owner, expected, (handle, now) -> {
            var before = store.active(handle, owner);
            var entries = Content.entries("configuration", values,
                    before.<JsonNode>map(Version::entries).orElseGet(Versions::nothing), now);
            checkRoom(handle, owner);
            var faults = configurations.settling().problems(handle, owner, entries);
            if (!faults.isEmpty()) throw ContentSchema.refusal(faults);
            var made = insert(handle, by, owner, entries, note, now);
            audit.record(handle, by, "configuration.created", target(handle, owner), Audit.NOTHING,
                    document(made).put("note", note));
            return isActive ? activated(handle, by, owner, made, "configuration.activated", now) : made;
        });
    }

    /// @throws PlatformException `CONFLICT` if it is active already
    Version activate(Actor by, Owner owner, long version, OptionalLong expected) {
        return changed(by, owner, expected, (handle, now) -> {
            var wanted = required(handle, owner, version);
            if (wanted.isActive()) {
                throw new PlatformException(ErrorCode.CONFLICT, "Version " + version + " is active already.");
            }
            var faults = configurations.settling().problems(handle, owner, wanted.entries());
            if (!faults.isEmpty()) throw ContentSchema.refusal(faults);
            return activated(handle, by, owner, wanted, "configuration.activated", now);
        });
    }

    /// Makes a new version with what stood in an older one, and activates it: what was in between stays on record.
    ///
    /// @param version empty for the one that was active before
    Version rollBack(Actor by, Owner owner, OptionalLong version, String note, OptionalLong expected) {
        return changed(by, owner, expected, (handle, now) -> {
            var wanted = version.isPresent() ? required(handle, owner, version.getAsLong())
                    : store.former(handle, owner).orElseThrow(() -> new PlatformException(ErrorCode.CONFLICT,
                    "No version was active before; name the one that shall be."));
            if (wanted.activation().isEmpty()) {
                throw new PlatformException(ErrorCode.CONFLICT, "Version " + wanted.version()
                        + " was never active; activate it instead.");
            }
            var text = note.isEmpty() ? "as version " + wanted.version() : note;
            var made = insert(handle, by, owner, wanted.entries(), text, now);
            return activated(handle, by, owner, made, "configuration.rolled_back", now);
        });
    }

    /// No version is active any more: the target has nothing to say.
    ///
    /// @return the one that was
    Version deactivate(Actor by, Owner owner, OptionalLong expected) {
        return changed(by, owner, expected, (handle, now) -> {
            var gone = store.active(handle, owner).orElseThrow(() -> new PlatformException(ErrorCode.CONFLICT,
                    "No version is active."));
            store.deactivate(handle, owner);
            audit.record(handle, by, "configuration.deactivated", target(handle, owner), document(gone),
                    Audit.NOTHING);
            return required(handle, owner, gone.version());
        });
    }

    /// What comes with a type is something else now, in the transaction that keeps the type; it is audited there.
    void setDefault(Handle handle, Actor by, Owner owner, JsonNode values) {
        store.lock(handle, owner);
        var now = configurations.now();
        var before = store.active(handle, owner).<JsonNode>map(Version::entries).orElseGet(Versions::nothing);
        var entries = Content.entries("default_configuration", values, before, now);
        if (entries.equals(before)) return;
        var faults = configurations.settling().problems(handle, owner, entries);
        if (!faults.isEmpty()) throw ContentSchema.refusal(faults);
        if (entries.isEmpty()) {
            store.deactivate(handle, owner);
        } else {
            var made = insert(handle, by, owner, entries, "", now);
            store.activate(handle, owner, made.version(), by.toString(), now);
        }
        Spreading.begin(handle, owner, now);
        configurations.wake(handle);
    }

    /// Nobody is in the group any more, in the transaction that deletes it.
    void end(Handle handle, Actor by, Owner owner) {
        store.lock(handle, owner);
        var gone = store.active(handle, owner);
        if (gone.isEmpty()) return;
        store.deactivate(handle, owner);
        audit.record(handle, by, "configuration.deactivated", target(handle, owner), document(gone.get()),
                Audit.NOTHING);
        Spreading.begin(handle, owner, configurations.now());
        configurations.wake(handle);
    }

    private Version activated(Handle handle, Actor by, Owner owner, Version wanted, String act, Instant now) {
        var before = store.active(handle, owner);
        store.activate(handle, owner, wanted.version(), by.toString(), now);
        audit.record(handle, by, act, target(handle, owner), before.<JsonNode>map(Versions::document)
                .orElse(Audit.NOTHING), document(wanted));
        return required(handle, owner, wanted.version());
    }

    private Version changed(Actor by, Owner owner, OptionalLong expected, Change change) {
        var made = switch (owner.target()) {
            case Target.OfDevice(var device) -> configurations.database().transactionInTurn(by.organization(),
                    device.value(), handle -> ofDevice(handle, owner, device, expected, change));
            case Target.OfDefault _, Target.OfType _, Target.OfGroup _ -> configurations.database().transaction(
                    by.organization(), handle -> shared(handle, owner, expected, change));
        };
        made.told.ifPresent(configurations.publisher()::publish);
        return made.version;
    }

    private Made ofDevice(Handle handle, Owner owner, DeviceId device, OptionalLong expected, Change change) {
        configurations.states().lock(handle, List.of(device));
        var now = configurations.now();
        checkExpected(handle, owner, expected);
        var activeBefore = store.active(handle, owner).map(Version::version);
        var made = change.in(handle, now);
        var activeNow = store.active(handle, owner).map(Version::version);
        if (activeNow.equals(activeBefore)) return new Made(made, Optional.empty());
        var settled = configurations.settle(handle, List.of(member(handle, device)), now).getFirst();
        if (!settled.problems().isEmpty()) throw ContentSchema.refusal(settled.problems());
        return new Made(made, Optional.of(device));
    }

    private Made shared(Handle handle, Owner owner, OptionalLong expected, Change change) {
        store.lock(handle, owner);
        checkExpected(handle, owner, expected);
        var activeBefore = store.active(handle, owner).map(Version::version);
        var now = configurations.now();
        var made = change.in(handle, now);
        if (!store.active(handle, owner).map(Version::version).equals(activeBefore)) {
            Spreading.begin(handle, owner, now);
            configurations.wake(handle);
        }
        return new Made(made, Optional.empty());
    }

    private void checkExpected(Handle handle, Owner owner, OptionalLong expected) {
        if (expected.isEmpty()) return;
        var active = store.active(handle, owner).map(Version::version).orElse(0L);
        if (active != expected.getAsLong()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "Version " + active + " is active now.");
        }
    }

    /// How many types and groups may have configurations.
    private void checkRoom(Handle handle, Owner owner) {
        if (owner.target() instanceof Target.OfDevice || store.newest(handle, owner) > 0) return;
        if (store.sharedTargets(handle, owner.organization()) < Limits.CONFIGURATION_TARGETS) return;
        throw new PlatformException(ErrorCode.CONFLICT, "The organization has configurations for "
                + Limits.CONFIGURATION_TARGETS + " types and groups; use one of those.");
    }

    /// A device's own versions are numbered along with what it was told, so that a number means one thing to it.
    private Version insert(Handle handle, Actor by, Owner owner, JsonNode entries, String note, Instant now) {
        var told = owner.target() instanceof Target.OfDevice(var device)
                ? configurations.states().find(handle, device).map(State::version).orElse(0L) : 0L;
        var version = Math.max(store.newest(handle, owner), told) + 1;
        store.insert(handle, owner, version, entries, by.toString(), note, now);
        return required(handle, owner, version);
    }

    private Version required(Handle handle, Owner owner, long version) {
        return store.find(handle, owner, version)
                .orElseThrow(() -> PlatformException.notFound("version " + version + " of this configuration"));
    }

    private Member member(Handle handle, DeviceId device) {
        return configurations.states().member(handle, device)
                .orElseThrow(() -> PlatformException.notFound("such device"));
    }

    private static Audit.Target target(Handle handle, Owner owner) {
        return switch (owner.target()) {
            case Target.OfDevice(var device) -> handle.createQuery("SELECT name FROM devices WHERE id = :device")
                    .bind("device", device.value()).mapTo(String.class)
                    .map(name -> new Audit.Target("device", device.toString(), name, owner.organization())).one();
            case Target.OfType(var type) -> new Audit.Target("device_type", type, type, owner.organization());
            case Target.OfDefault(var type) -> new Audit.Target("device_type", type, type, owner.organization());
            case Target.OfGroup(var group) ->
                    new Audit.Target("group", Long.toString(group), "", owner.organization());
        };
    }

    private static JsonNode nothing() {
        return Json.mapper().createObjectNode();
    }

    private static ObjectNode document(Version version) {
        var json = Json.mapper().createObjectNode().put("version", version.version());
        return json.set("configuration", Content.values(version.entries()));
    }
}
