package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// One key that devices are to have of their own, as a new version of each: in a few statements, however many devices.
///
/// @param read as the type has it
record KeySetting(Actor by, String key, JsonNode read, DataType type) {
    private static final String SAVEPOINT = "versions";

    /// A device's new version, and the one that it follows.
    record Made(Member device, Optional<Version> before, long version, ObjectNode entries) {
        Owner owner() {
            return KeySetting.owner(device);
        }
    }

    private static Owner owner(Member device) {
        return new Owner(new Target.OfDevice(device.device()), device.organization());
    }

    static KeySetting of(Actor by, String key, JsonNode value, DataType type) {
        return new KeySetting(by, key, type.read(value), type);
    }

    boolean isSoIn(JsonNode entries) {
        return entries.path(key).path("value").toString().equals(read.toString());
    }

    /// Makes it so, also where it is so already. What is refused for one leaves that one as it was.
    ///
    /// @param devices which nobody else changes until the transaction ends
    /// @return what refused it, for such devices
    Map<DeviceId, PlatformException> apply(Handle handle, Configurations configurations, VersionStore store,
            Audit audit, Collection<Member> devices) {
        var now = configurations.now();
        var refused = new HashMap<DeviceId, PlatformException>();
        var all = made(handle, configurations.states(), store, devices, now, refused);
        while (!all.isEmpty()) {
            handle.savepoint(SAVEPOINT);
            store.insertActive(handle, all, by.toString(), now);
            var settled = configurations.settle(handle, all.stream().map(Made::device).toList(), now);
            var impossible = settled.stream().filter(it -> !it.problems().isEmpty()).toList();
            if (impossible.isEmpty()) {
                handle.releaseSavepoint(SAVEPOINT);
                break;
            }
            handle.rollbackToSavepoint(SAVEPOINT);
            for (var it : impossible) refused.put(it.state().device(), ContentSchema.refusal(it.problems()));
            all.removeIf(it -> refused.containsKey(it.device.device()));
        }
        var names = configurations.states().names(handle, all.stream().map(it -> it.device.device()).toList());
        audit.record(handle, all.stream().map(it -> act(it, names.get(it.device.device()))).toList());
        return refused;
    }

    private List<Made> made(Handle handle, StateStore states, VersionStore store, Collection<Member> devices,
            Instant now, Map<DeviceId, PlatformException> refused) {
        var owners = devices.stream().map(KeySetting::owner).toList();
        var active = store.active(handle, owners);
        var newest = store.newest(handle, owners);
        // A device's own versions are numbered along with what it was told, so that a number means one thing to it.
        var told = states.find(handle, devices.stream().map(Member::device).toList());
        var all = new ArrayList<Made>();
        for (var member : devices) {
            var owner = owner(member);
            var before = Optional.ofNullable(active.get(owner));
            try {
                var version = Math.max(newest.getOrDefault(owner, 0L),
                        Optional.ofNullable(told.get(member.device())).map(State::version).orElse(0L)) + 1;
                all.add(new Made(member, before, version, entries(before, now)));
            } catch (PlatformException e) {
                refused.put(member.device(), e);
            }
        }
        return all;
    }

    private ObjectNode entries(Optional<Version> before, Instant now) {
        ObjectNode entries = before.<JsonNode>map(Version::entries)
                .orElseGet(() -> Json.mapper().createObjectNode()).deepCopy();
        entries.putObject(key).put("data_type", type.word()).put("updated_at", now.toString()).set("value", read);
        if (entries.size() > Limits.CONFIGURATION_KEYS) {
            throw PlatformException.invalid("config_key", "would be one more than " + Limits.CONFIGURATION_KEYS);
        }
        Content.check("config_value", entries);
        return entries;
    }

    private Audit.Act act(Made made, String name) {
        var device = made.device;
        return new Audit.Act(by, "configuration.set",
                new Audit.Target("device", device.device().toString(), name, device.organization()),
                document(made.before.map(Version::version).orElse(0L), made.before.map(Version::entries)),
                document(made.version, Optional.of(made.entries)));
    }

    /// The key of a version, as the audit log shows it.
    private JsonNode document(long version, Optional<? extends JsonNode> entries) {
        var json = Json.mapper().createObjectNode().put("version", version);
        entries.map(it -> it.path(key)).filter(JsonNode::isObject)
                .ifPresent(entry -> json.putObject("configuration").set(key, entry.path("value")));
        return json;
    }
}
