package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.configuration.Settling.Settled;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceGroup;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// What each device shall be set to: what comes with its type, and the active versions of its type, its groups and
/// itself, merged. The feature's door for others; people's work on versions is in `Versions`.
public final class Configurations {
    /// Wakes the worker of every node.
    static final String WAKE = "configuration";
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_.:/-]+");

    private final Database database;
    private final InstantSource clock;
    private final ConfigurationConfig config;
    private final GroupsKnown groups;
    private final VersionStore versions = new VersionStore();
    private final StateStore states = new StateStore();
    private final Schemas schemas;
    private final Settling settling;
    private final Publisher publisher;
    private final Drifting drifting;
    private final Versions work;
    private final Recorder recorder;

    public Configurations(Database database, ConfigurationConfig config, GroupsKnown groups, Audit audit,
            InstantSource clock) {
        this.database = database;
        this.config = config;
        this.groups = groups;
        this.clock = clock;
        schemas = new Schemas(database, audit, clock);
        settling = new Settling(versions, states, schemas, groups);
        publisher = new Publisher(database, states);
        drifting = new Drifting(database, states);
        work = new Versions(this, versions, audit);
        recorder = new Recorder(this);
    }

    /// Told of every device that is to have something else.
    public void onChange(ConfigurationChanged.Listener listener) {
        publisher.onChange(listener);
    }

    /// Called when a device begins or ceases to drift; the listener must not block.
    public void onDrift(Consumer<DeviceId> listener) {
        drifting.onChange(listener);
    }

    /// Whether the device has something else than it should, or has not said in time that it has it. From memory.
    public boolean drifts(DeviceId device) {
        return drifting.contains(device);
    }

    /// How many do.
    public long drifting() {
        return drifting.count();
    }

    /// What a device is to have; version 0 without any entry when nothing was ever set.
    public Configuration active(OrganizationPath scope, DeviceId device) {
        var known = database.transaction(scope, handle -> states.find(handle, device));
        // One that is new may have something of its type.
        return known.or(() -> look(scope, device).map(Settled::state)).map(State::configuration)
                .orElseGet(() -> Configuration.none(device));
    }

    /// Brings one device up to date, whatever is still on its way to it, and tells it if there is something to tell.
    ///
    /// @return empty for one whose life has ended
    Optional<Settled> look(OrganizationPath scope, DeviceId device) {
        var now = now();
        var found = database.transactionInTurn(scope, device.value(), handle -> states.member(handle, device)
                .map(member -> settle(handle, List.of(member), now).getFirst()));
        if (found.filter(it -> it.state().published() < it.state().version()).isPresent()) publisher.publish(device);
        return found;
    }

    /// Sets one key unless it has this value already.
    ///
    /// @return whether it had not
    public boolean ensure(Actor by, DeviceId device, String key, JsonNode value) {
        var type = DataType.of(value);
        var known = active(by.organization(), device).entries().path(key).path("value");
        if (known.toString().equals(type.read(value).toString())) return false;
        set(by, device, key, value, type);
        return true;
    }

    /// What came of a device that was to have something.
    ///
    /// @param isNew whether it had something else
    public record Ensured(boolean isNew, Optional<PlatformException> refusal) {}

    /// The same for several in the caller's transaction; they are told after it. Each takes a place in PostgreSQL's
    /// table of locks, so they must be few.
    public Map<DeviceId, Ensured> ensure(Handle handle, Actor by, Collection<DeviceId> devices, String key,
            JsonNode value) {
        if (devices.isEmpty()) return Map.of();
        states.lock(handle, devices);
        var setting = KeySetting.of(by, key, value, DataType.of(value));
        var members = states.members(handle, devices).stream().collect(Collectors.toMap(Member::device, it -> it));
        var known = known(handle, members);
        var others = devices.stream().filter(members::containsKey)
                .filter(it -> !setting.isSoIn(known.get(it).entries())).map(members::get).toList();
        var refused = others.isEmpty() ? Map.<DeviceId, PlatformException>of() : work.set(handle, setting, others);
        if (!others.isEmpty()) wake(handle);
        var ensured = new HashMap<DeviceId, Ensured>();
        for (var device : devices) {
            var refusal = members.containsKey(device) ? Optional.ofNullable(refused.get(device))
                    : Optional.of(PlatformException.notFound("device " + device));
            ensured.put(device, new Ensured(others.contains(members.get(device)), refusal));
        }
        return ensured;
    }

    private Map<DeviceId, State> known(Handle handle, Map<DeviceId, Member> members) {
        var known = new HashMap<>(states.find(handle, members.keySet()));
        known.keySet().retainAll(members.keySet());
        var fresh = members.values().stream().filter(it -> !known.containsKey(it.device())).toList();
        for (var it : settle(handle, fresh, now())) known.put(it.state().device(), it.state());
        return known;
    }

    /// Sets one key of the device's own. Saying the same again makes a new version too, so that the device is told
    /// again.
    Version set(Actor by, DeviceId device, String key, JsonNode value, DataType type) {
        checkKey("config_key", key);
        return work.set(by, device, key, value, type);
    }

    /// @param field in which it stands
    /// @throws PlatformException `INVALID` for what cannot be a key
    public static void checkKey(String field, String key) {
        if (key.length() > Limits.CONFIGURATION_KEY_CHARACTERS || !KEY.matcher(key).matches()) {
            throw PlatformException.invalid(field, "must be 1 to " + Limits.CONFIGURATION_KEY_CHARACTERS
                    + " letters a to z and A to Z, digits, _ - . : or /");
        }
    }

    /// What devices of a type have before anybody says otherwise, in the transaction that keeps the type.
    ///
    /// @param values none of them when the type goes
    public void setDefault(Handle handle, Actor by, OrganizationPath organization, String type, JsonNode values) {
        work.setDefault(handle, by, new Owner(new Target.OfDefault(type), organization), values);
    }

    /// In the transaction that deletes the group.
    public void groupDeleted(Handle handle, Actor by, DeviceGroup group) {
        work.end(handle, by, new Owner(new Target.OfGroup(group.id()), group.organization()));
    }

    /// What a device says over HTTP.
    ///
    /// @throws PlatformException `INVALID` for a version that it cannot have
    State record(OrganizationPath scope, DeviceId device, Report report) {
        var told = new Recorder.Told(device, report, now());
        var known = database.transactionInTurn(scope, device.value(), handle ->
                recorder.record(handle, List.of(told), refusal -> {
                    throw refusal;
                }));
        return Optional.ofNullable(known.get(device)).orElseThrow(() -> PlatformException.notFound("such device"));
    }

    /// In a transaction that is not over; whoever is told is told by [Publisher] after it.
    List<Settled> settle(Handle handle, List<Member> members, Instant now) {
        var settled = settling.settle(handle, members, now);
        for (var it : settled) drifting.changed(handle, it.state().device(), it.before(), it.state().drift());
        return settled;
    }

    Database database() {
        return database;
    }

    ConfigurationConfig config() {
        return config;
    }

    StateStore states() {
        return states;
    }

    Schemas schemas() {
        return schemas;
    }

    Settling settling() {
        return settling;
    }

    Publisher publisher() {
        return publisher;
    }

    Drifting drift() {
        return drifting;
    }

    GroupsKnown groups() {
        return groups;
    }

    Versions versions() {
        return work;
    }

    Recorder recorder() {
        return recorder;
    }

    /// PostgreSQL keeps microseconds.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// Wakes the worker when the transaction commits.
    void wake(Handle handle) {
        database.notifications().publish(handle, WAKE, "");
    }
}
