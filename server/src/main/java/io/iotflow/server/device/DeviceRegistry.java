package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.Subject;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.encryption.SealedMetadata;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Every device there is, and the only door for changing one. Finding is answered from memory; changes are
/// transactions, seen by every node within milliseconds.
public final class DeviceRegistry {
    private final Database database;
    private final DeviceConfig config;
    private final SealedMetadata metadata;
    private final Audit audit;
    private final InstantSource clock;
    private final DeviceStore store = new DeviceStore();
    private final CertificateStore certificates = new CertificateStore();
    private final DeviceCache cache;
    private final DeviceEditor editor;
    private final List<Consumer<Device>> registered = new CopyOnWriteArrayList<>();

    /// A new device and its key, which is shown this once and kept nowhere.
    public record Registered(Device device, String apiKey) {}

    /// A new key, and until when older ones are still taken.
    public record RotatedKey(Device device, String apiKey, Instant oldKeysEndAt) {}

    public DeviceRegistry(Database database, DeviceConfig config, SealedMetadata metadata, Audit audit,
            InstantSource clock) {
        this.database = database;
        this.config = config;
        this.metadata = metadata;
        this.audit = audit;
        this.clock = clock;
        this.cache = new DeviceCache(database, config);
        this.editor = new DeviceEditor(store, certificates, audit, clock);
        database.transaction(OrganizationPath.ROOT, handle -> store.setDue(handle, config.keyMaxAge(), now()));
    }

    /// Admits a new device to the organization of whoever registers it.
    ///
    /// @param status where its life begins: provisioning or active
    /// @throws PlatformException `NAME_TAKEN`, or `INVALID` when the name may not be one
    public Registered register(Actor by, String name, Profile profile, DeviceStatus status) {
        return register(by, by.organization(), name, profile, status);
    }

    /// As above, to an organization that is the registrar's or lies below it.
    public Registered register(Actor by, OrganizationPath organization, String name, Profile profile,
            DeviceStatus status) {
        return register(by, organization, new Draft(name, status, profile), _ -> {}, (_, _, _) -> {});
    }

    /// Keeps a device that nobody has vouched for, until an operator makes it active or decommissions it.
    ///
    /// @throws PlatformException `TOO_MANY_WAITING` when no more may wait, and as above
    Registered registerWaiting(Actor by, String name, Profile profile) {
        return register(by, name, profile, DeviceStatus.PROVISIONING, handle -> {
            if (store.lockedCount(handle, by.organization(), DeviceStatus.PROVISIONING) >= Limits.WAITING_DEVICES) {
                throw new PlatformException(ErrorCode.TOO_MANY_WAITING, Limits.WAITING_DEVICES
                        + " devices wait for an operator already.");
            }
        }, (_, _, _) -> {});
    }

    /// What else is done to a new device in the transaction that makes it.
    @FunctionalInterface
    interface Sequel {
        void with(Handle handle, Actor by, Device device);
    }

    /// @param condition what must hold in the same transaction, or throws; nothing is kept then
    Registered register(Actor by, String name, Profile profile, DeviceStatus status, Consumer<Handle> condition,
            Sequel sequel) {
        return register(by, by.organization(), new Draft(name, status, profile), condition, sequel);
    }

    private Registered register(Actor by, OrganizationPath organization, Draft draft, Consumer<Handle> condition,
            Sequel sequel) {
        if (draft.status() != DeviceStatus.ACTIVE && draft.status() != DeviceStatus.PROVISIONING) {
            throw PlatformException.invalid("status", "must be active or provisioning at first");
        }
        var seal = metadata.seal(organization);
        var settled = database.transaction(by.organization(), handle -> {
            condition.accept(handle);
            var now = now();
            var made = insert(handle, organization, List.of(draft), seal, now);
            if (made.isEmpty()) throw nameTaken(draft.name());
            var told = settle(handle, by, made, now);
            sequel.with(handle, by, made.getFirst());
            return told;
        });
        return committed(settled).getFirst();
    }

    /// A new device and what the caches are told of it.
    private record Settled(Registered made, DeviceCache.Change change) {}

    private List<Registered> committed(List<Settled> settled) {
        for (var it : settled) {
            registered.forEach(listener -> listener.accept(it.made().device()));
            cache.drop(it.change());
        }
        return settled.stream().map(Settled::made).toList();
    }

    /// What is sealed belongs to the device's number, so that one is taken before.
    private List<Device> insert(Handle handle, OrganizationPath organization, List<Draft> drafts,
            SealedMetadata.Seal seal, Instant now) {
        if (drafts.isEmpty()) return List.of();
        var ids = store.nextIds(handle, drafts.size());
        var numbered = new LinkedHashMap<DeviceId, Draft>();
        for (var n = 0; n < ids.size(); n++) {
            numbered.put(ids.get(n), drafts.get(n).sealed(seal, ids.get(n), Audit.NOTHING));
        }
        return store.insert(handle, organization, numbered, now).stream()
                .sorted(Comparator.comparingLong(device -> device.id().value())).toList();
    }

    /// What every new device has: a key, an entry in the log, an announcement to all nodes.
    private List<Settled> settle(Handle handle, Actor by, List<Device> made, Instant now) {
        if (made.isEmpty()) return List.of();
        var settled = made.stream().map(device -> new Settled(new Registered(device, ApiKey.generate()),
                new DeviceCache.Change(device.id(), Set.of(device.name()), List.of(), List.of()))).toList();
        var keys = settled.stream().map(Settled::made)
                .collect(Collectors.toMap(it -> it.device().id(), it -> ApiKey.hashOf(it.apiKey()).orElseThrow()));
        store.insertKeys(handle, made, device -> keys.get(device.id()), now, config.rotateAfter(now));
        audit.record(handle, made.stream().map(device -> new Audit.Act(by, "device.registered", device.target(),
                Audit.NOTHING, Draft.of(device).document())).toList());
        cache.publish(handle, settled.stream().map(Settled::change).toList());
        return settled;
    }

    /// What came of a device that was wanted: a new one, or one that has the name.
    sealed interface Entry {
        /// @param made null in a trial
        record New(Registered made) implements Entry {}

        record Known(Device device) implements Entry {}
    }

    /// Registers those devices of a list whose names are free, in one transaction.
    ///
    /// @param isTrial only says what would be; names that stand twice in the list are then new both times
    List<Entry> enter(Actor by, List<Draft> drafts, boolean isTrial) {
        var seal = metadata.seal(by.organization());
        var entered = database.transaction(by.organization(), handle -> {
            var known = new HashMap<String, Device>();
            addLiving(handle, by, drafts.stream().map(Draft::name).toList(), known);
            if (isTrial) return new Entered(entries(drafts, Map.of(), known, true), List.of());
            var free = drafts.stream().filter(draft -> !known.containsKey(draft.name())).toList();
            var now = now();
            var settled = settle(handle, by, insert(handle, by.organization(), free, seal, now), now);
            var made = settled.stream().map(Settled::made)
                    .collect(Collectors.toMap(it -> it.device().name(), Function.identity()));
            // Somebody else was quicker.
            addLiving(handle, by, free.stream().map(Draft::name).filter(it -> !made.containsKey(it)).toList(), known);
            return new Entered(entries(drafts, made, known, false), settled);
        });
        committed(entered.settled());
        return entered.entries();
    }

    private record Entered(List<Entry> entries, List<Settled> settled) {}

    private void addLiving(Handle handle, Actor by, List<String> names, Map<String, Device> known) {
        if (names.isEmpty()) return;
        store.findLiving(handle, by.organization(), names).forEach(device -> known.put(device.name(), device));
    }

    /// Of a name that stands twice in the list the first is new.
    private static List<Entry> entries(List<Draft> drafts, Map<String, Registered> made, Map<String, Device> known,
            boolean isTrial) {
        var entries = new ArrayList<Entry>(drafts.size());
        var told = new HashSet<String>();
        for (var draft : drafts) {
            var mine = made.get(draft.name());
            var other = known.get(draft.name());
            if (mine == null && other == null && !isTrial) throw nameTaken(draft.name());
            var isNew = other == null && (mine == null || told.add(draft.name()));
            entries.add(isNew ? new Entry.New(mine) : new Entry.Known(other != null ? other : mine.device()));
        }
        return entries;
    }

    /// By number, in whichever organization; a decommissioned device is found too.
    public Optional<Device> find(DeviceId id) {
        assert !database.isInTransaction() : "BUG: a transaction needs find(handle, id)";
        return cache.device(id, unknown -> store.find(database, unknown));
    }

    /// The same in a transaction, which is where the device is looked up if it is not in memory.
    public Optional<Device> find(Handle handle, DeviceId id) {
        return cache.known(id).or(() -> store.find(handle, id));
    }

    /// By id or name, whichever the text is: up to nine digits are always an id, anything else is a name. By its name
    /// only a living device is found; of several, the one whose organization stands highest.
    ///
    /// @param scope only devices of this organization and those below
    public Optional<Device> find(OrganizationPath scope, String idOrName) {
        var id = DeviceName.idOf(idOrName);
        if (id.isPresent()) return find(id.get()).filter(device -> scope.contains(device.organization()));
        if (DeviceName.problem(idOrName).isPresent()) return Optional.empty();
        return cache.named(idOrName, name -> database.transaction(OrganizationPath.ROOT,
                        handle -> store.findByName(handle, name))).stream()
                .filter(named -> scope.contains(named.organization())).findFirst()
                .flatMap(named -> find(named.id()));
    }

    /// The device that a caller speaks of. Devices see themselves only, others what belongs to their organization and
    /// to those below.
    ///
    /// @throws PlatformException `NOT_FOUND`, also for what the caller may not see
    public Device require(Caller caller, String idOrName) {
        return find(caller.organization(), idOrName)
                .filter(device -> !(caller instanceof Caller.Device self) || self.id().equals(device.id())
                        && device.status() != DeviceStatus.DECOMMISSIONED)
                .orElseThrow(() -> PlatformException.notFound("device " + StorableText.shortened(idOrName, 40)));
    }

    /// A device's metadata, as far as a caller may see it. A device sees its own.
    SealedMetadata.Opened metadata(Device device, Caller caller) {
        var isAllowed = switch (caller) {
            case Caller.Device self -> self.id().equals(device.id());
            case Caller.User user -> user.may(Permission.SENSITIVE_READ);
            case Caller.Anonymous _ -> false;
        };
        return metadata.open(device.id(), device.metadata(), isAllowed);
    }

    /// Changes a device in one step.
    ///
    /// @param expectedRevision refuse unless the device still has it
    /// @param change what becomes of the present state, such as `now -> now.withStatus(now.status().after(ACTIVE))`
    /// @throws PlatformException `NOT_FOUND`, `PRECONDITION_FAILED`, `NAME_TAKEN`, and whatever `change` throws
    public Device update(Actor by, DeviceId id, OptionalLong expectedRevision, UnaryOperator<Draft> change) {
        return update(by, id, expectedRevision, (_, now) -> change.apply(now));
    }

    /// @param change may keep something else in the same transaction
    Device update(Actor by, DeviceId id, OptionalLong expectedRevision, BiFunction<Handle, Draft, Draft> change) {
        var seal = metadata.seal(find(id).map(Device::organization).orElse(by.organization()));
        return changed(by, id, (handle, device) -> {
            if (expectedRevision.isPresent() && expectedRevision.getAsLong() != device.revision()) {
                throw new PlatformException(ErrorCode.PRECONDITION_FAILED,
                        "The device has changed since it was read; it is now at revision " + device.revision() + ".");
            }
            return editor.edited(handle, new DeviceEditor.Edit(by, device, change.apply(handle, Draft.of(device))
                    .sealed(seal, device.id(), device.metadata())));
        });
    }

    /// Changes to several devices in one transaction.
    public DeviceEdits edits() {
        return new DeviceEdits(this, store, editor, metadata, cache);
    }

    /// Moves a device along its life cycle; see [DeviceStatus#after(DeviceStatus)].
    public Device changeStatus(Actor by, DeviceId id, DeviceStatus wanted) {
        return update(by, id, OptionalLong.empty(), now -> now.withStatus(now.status().after(wanted)));
    }

    /// Ends a device's life: its keys and certificates are revoked at once and its name is free again.
    public Device decommission(Actor by, DeviceId id) {
        return changeStatus(by, id, DeviceStatus.DECOMMISSIONED);
    }

    /// Makes a new key. Older ones end after `grace` at the latest.
    public RotatedKey rotateKey(Actor by, DeviceId id, Duration grace) {
        if (grace.isNegative() || grace.compareTo(DeviceConfig.LONGEST_GRACE) > 0) {
            throw PlatformException.invalid("grace_seconds", "must be from 0 to "
                    + DeviceConfig.LONGEST_GRACE.toSeconds());
        }
        var apiKey = ApiKey.generate();
        return changed(by, id, (handle, device) -> {
            if (device.status() == DeviceStatus.DECOMMISSIONED) {
                throw new PlatformException(ErrorCode.CONFLICT, "A decommissioned device gets no key.");
            }
            var now = now();
            var ended = new ArrayList<>(grace.isZero() ? store.revokeKeys(handle, id, now)
                    : store.expireKeys(handle, id, now.plus(grace)));
            var hash = ApiKey.hashOf(apiKey).orElseThrow();
            store.insertKeys(handle, List.of(device), _ -> hash, now, config.rotateAfter(now));
            ended.addAll(store.dropOldKeys(handle, id));
            ended.add(hash);
            audit.record(handle, by, "device.key_rotated", device.target(), Audit.NOTHING,
                    JsonNodeFactory.instance.objectNode().put("grace_seconds", grace.toSeconds()));
            return new Changed<>(new RotatedKey(device, apiKey, now.plus(grace)), device, ended, List.of());
        });
    }

    /// As above, with the configured grace.
    public RotatedKey rotateKey(Actor by, DeviceId id) {
        return rotateKey(by, id, config.keyGrace());
    }

    /// Calls back on every node after a device has changed in any way, its keys included: at least once, and quickly
    /// after the commit. The listener must not block.
    public void onChange(Consumer<DeviceId> listener) {
        cache.onChange(listener);
    }

    /// Calls back once after a device was registered on this node. The listener must not block or throw.
    public void onRegister(Consumer<Device> listener) {
        registered.add(listener);
    }

    /// Calls back when changes made on other nodes may have been missed: whoever remembers something about devices must
    /// check it again. The listener must not block.
    public void onMissed(Runnable listener) {
        cache.onClear(listener);
    }

    /// Whom a key belongs to at this moment; the device may be in any state but decommissioned.
    Optional<Device> ownerOf(ApiKey.Hash hash) {
        return cache.owner(hash, this::load).filter(this::isValid).flatMap(owner -> find(owner.device()))
                .filter(device -> device.status() != DeviceStatus.DECOMMISSIONED);
    }

    /// Empty for a key that nobody has.
    Optional<Instant> validUntil(ApiKey.Hash hash) {
        return key(hash).map(DeviceStore.KeyOwner::validUntil);
    }

    Optional<DeviceStore.KeyOwner> key(ApiKey.Hash hash) {
        return cache.owner(hash, this::load);
    }

    private Optional<DeviceStore.KeyOwner> load(ApiKey.Hash hash) {
        return store.findKeyOwner(database, hash, clock.instant()).map(owner -> owner.ending(config.keyAgeGrace()));
    }

    /// How long a key that is due is still taken.
    Duration keyAgeGrace() {
        return config.keyAgeGrace();
    }

    private boolean isValid(DeviceStore.KeyOwner owner) {
        return owner.validUntil().equals(Instant.MAX) || clock.instant().isBefore(owner.validUntil());
    }

    /// Whose certificate this is at this moment; it names the device as it is called now, which may be in any state but
    /// decommissioned.
    Optional<Device> ownerOf(Fingerprint fingerprint) {
        return owner(fingerprint).filter(owner -> clock.instant().isBefore(owner.validUntil()))
                .flatMap(owner -> find(owner.device())
                        .filter(device -> new Subject(device.id().value(), device.name()).isAmong(owner.names())))
                .filter(device -> device.status() != DeviceStatus.DECOMMISSIONED);
    }

    /// As far as is known without asking the database again.
    Optional<DeviceId> formerOwnerOf(Fingerprint fingerprint) {
        return owner(fingerprint).map(CertificateStore.Owner::device);
    }

    /// Empty for a certificate that nobody has.
    Optional<Instant> validUntil(Fingerprint fingerprint) {
        return owner(fingerprint).map(CertificateStore.Owner::validUntil);
    }

    private Optional<CertificateStore.Owner> owner(Fingerprint fingerprint) {
        return cache.owner(fingerprint, unknown -> database.transaction(OrganizationPath.ROOT,
                handle -> certificates.findOwner(handle, unknown, clock.instant())));
    }

    /// When the last of a device's certificates ends, or has ended; empty for a device that has none.
    public Optional<Instant> certificateEnd(DeviceId id) {
        return database.transaction(OrganizationPath.ROOT, handle -> certificates.lastEnd(handle, id));
    }

    List<DeviceStore.KeyRecord> keys(OrganizationPath scope, DeviceId id) {
        return database.transaction(scope, handle -> store.keys(handle, id));
    }

    public DeviceCounts counts() {
        return new DeviceCounts(database, store);
    }

    DeviceCache cache() {
        return cache;
    }

    /// @param before the device as it was
    record Changed<T>(T answer, Device before, List<ApiKey.Hash> keys, List<Fingerprint> certificates) {
        DeviceCache.Change change() {
            var name = before.name();
            var names = answer instanceof Device after && !after.name().equals(name)
                    ? Set.of(name, after.name()) : Set.of(name);
            return new DeviceCache.Change(before.id(), names, keys, certificates);
        }
    }

    /// One change to one device: row locked, told to every node when committed.
    <T> T changed(Actor by, DeviceId id, BiFunction<Handle, Device, Changed<T>> work) {
        record Done<A>(A answer, DeviceCache.Change change) {}
        var done = database.transactionInTurn(by.organization(), id.value(), handle -> {
            var device = store.findForUpdate(handle, id)
                    .orElseThrow(() -> PlatformException.notFound("device " + id));
            var changed = work.apply(handle, device);
            var change = changed.change();
            cache.publish(handle, List.of(change));
            return new Done<>(changed.answer(), change);
        });
        cache.drop(done.change());
        return done.answer();
    }

    static PlatformException nameTaken(String name) {
        return new PlatformException(ErrorCode.NAME_TAKEN, "There is a device named " + name + " already.");
    }

    /// PostgreSQL keeps microseconds.
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
