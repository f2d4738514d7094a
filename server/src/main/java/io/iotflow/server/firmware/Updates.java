package io.iotflow.server.firmware;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceEdits;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;

/// The updates of all devices, and the only door for moving one. A device has one open update at the most; the database
/// sees to that, too. Any thread may call.
public final class Updates {
    private final Database database;
    private final DeviceRegistry devices;
    private final Images images;
    private final Audit audit;
    private final InstantSource clock;
    private final UpdateStore store = new UpdateStore();
    private final OpenUpdates openUpdates;
    private final List<UpdateChanged.Listener> listeners = new CopyOnWriteArrayList<>();

    /// Something that has happened to a device's update.
    ///
    /// @param isFromLog whether it may have been dealt with before a crash
    record Happening(DeviceId device, UpdateEvent event, Instant at, boolean isFromLog) {}

    record Offered(Update update, Image image) {}

    /// @param steps the oldest first
    record Story(Update update, List<UpdateStore.Step> steps) {}

    public Updates(Database database, DeviceRegistry devices, Images images, Audit audit, InstantSource clock) {
        this.database = database;
        this.devices = devices;
        this.images = images;
        this.audit = audit;
        this.clock = clock;
        openUpdates = new OpenUpdates(database);
    }

    public void onChange(UpdateChanged.Listener listener) {
        listeners.add(listener);
    }

    void announceOffer(Update update) {
        announce(List.of(update));
    }

    /// Offers an image to one device.
    ///
    /// @throws PlatformException `CONFLICT` when the image may not be offered, or the device is being updated already
    Update offer(Actor by, Device device, Image image, OfferTerms terms) {
        requireOffered(image);
        requireFit(device, image);
        var made = database.transaction(by.organization(), handle -> {
            if (offer(handle, by, List.of(device), image, terms).isEmpty()) throw busy();
            return store.open(handle, device.id()).orElseThrow();
        });
        openUpdates.add(device.id());
        return made;
    }

    /// Why a device is not offered anything more.
    public static PlatformException busy() {
        return new PlatformException(ErrorCode.CONFLICT, "The device is being updated already; wait for it, or "
                + "cancel that with DELETE /devices/{device}/updates.");
    }

    /// Offers an image to devices, to each by itself, in the caller's transaction.
    ///
    /// @param those   living ones that it fits
    /// @return the number of each new update, by its device; those that are being updated already have none
    public Map<DeviceId, Long> offer(Handle handle, Actor by, Collection<Device> those, Image image,
            OfferTerms terms) {
        var made = offer(handle, those, new UpdateStore.Terms(image.id(), Optional.empty(), false, terms.attempts(),
                terms.patience()));
        for (var device : those) {
            if (!made.containsKey(device.id())) continue;
            store.forget(handle, device.id());
            audit.record(handle, by, "firmware.offered", device.target(),
                    Json.mapper().createObjectNode().put("firmware_version", device.firmwareVersion()),
                    Json.mapper().createObjectNode().put("firmware_version", image.version())
                            .put("firmware", image.title()).put("sha256", image.about().sha256()));
        }
        return made;
    }

    /// What each of these is being offered, or is installing: the number of the image.
    public Map<DeviceId, Long> open(Handle handle, Collection<DeviceId> devices) {
        return store.open(handle, devices);
    }

    public Map<DeviceId, Long> open(Collection<DeviceId> devices) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.open(handle, devices));
    }

    /// @throws PlatformException `CONFLICT` for an image that nobody may be offered
    public void requireOffered(Image image) {
        image.requireReady();
        images.signatureProblem(image).ifPresent(why -> {
            throw new PlatformException(ErrorCode.CONFLICT, why + "; upload a signed version.");
        });
    }

    /// @throws PlatformException `CONFLICT` or `INVALID` for a device that it is not for, or that runs it
    public static void requireFit(Device device, Image image) {
        if (!device.status().mayPublish()) {
            throw new PlatformException(ErrorCode.CONFLICT, "The device is " + device.status().word()
                    + "; make it active first.");
        }
        if (!image.fits(device)) {
            throw PlatformException.invalid("firmware_id", "is not made for a device of the type " + device.type()
                    + " and the hardware version " + device.hardwareVersion());
        }
        if (image.version().equals(device.firmwareVersion())) {
            throw new PlatformException(ErrorCode.CONFLICT, "The device runs " + image.version() + " already.");
        }
    }

    /// Offers an image to those of the devices that have no open update, in the caller's transaction.
    ///
    /// @return the number of each new update, by its device
    Map<DeviceId, Long> offer(Handle handle, Collection<Device> those, UpdateStore.Terms terms) {
        var now = now();
        var offers = those.stream().map(device -> new UpdateStore.Offer(device.organization(), device.id(),
                device.firmwareVersion())).toList();
        var made = store.insert(handle, offers, terms, now);
        openUpdates.announce(handle);
        store.tellOffers(handle, made, now);
        var byDevice = new HashMap<DeviceId, Long>();
        made.forEach(it -> byDevice.put(it.device(), it.id()));
        return byDevice;
    }

    /// A rollout offers.
    public Map<DeviceId, Long> offer(Handle handle, Collection<Device> those, long image, long rollout,
            boolean isRollback, int attempts, Duration patience) {
        return offer(handle, those,
                new UpdateStore.Terms(image, Optional.of(rollout), isRollback, attempts, patience));
    }

    /// Ends a device's open update, unless the device installs already.
    ///
    /// @throws PlatformException `NOT_FOUND` when there is none, `CONFLICT` when it is too late
    Update cancel(Actor by, Device device) {
        var why = "cancelled by " + by.name();
        var changed = database.transaction(by.organization(), handle -> {
            if (store.open(handle, device.id()).isEmpty()) throw PlatformException.notFound("open update");
            var moved = apply(handle, List.of(new Happening(device.id(), new UpdateEvent.Cancelled(why), now(),
                    false)));
            if (moved.isEmpty()) {
                throw new PlatformException(ErrorCode.CONFLICT, "The device installs already; it cannot be called "
                        + "back.");
            }
            audit.record(handle, by, "firmware.cancelled", device.target(), Audit.NOTHING,
                    Json.mapper().createObjectNode().put("firmware_version", moved.getFirst().toVersion()));
            return moved;
        });
        announce(changed);
        return changed.getFirst();
    }

    /// Calls back what a rollout has offered, as far as devices do not install already.
    ///
    /// @return how many were called back; 0 when none is left
    public int recall(long rollout, String why) {
        var changed = database.transaction(OrganizationPath.ROOT, handle -> apply(handle,
                store.recallable(handle, rollout, FirmwareLimits.FIRMWARE_AT_ONCE).stream().map(device ->
                        new Happening(device, new UpdateEvent.Cancelled(why), now(), false)).toList()));
        announce(changed);
        return changed.size();
    }

    /// What a device is offered, or is installing.
    Optional<Update> open(DeviceId device) {
        return openUpdates.of(device, () -> store.open(database, device));
    }

    /// The same, and what is offered.
    Optional<Offered> offered(DeviceId device) {
        return open(device).map(update -> new Offered(update, images.require(OrganizationPath.ROOT, update.image())));
    }

    /// Its newest update, in whatever state.
    Optional<Update> newest(DeviceId device) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.of(handle, device, 1)).stream()
                .findFirst();
    }

    Optional<Update> find(DeviceId device, long id) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.find(handle, device, id));
    }

    /// A device has stopped what was called back.
    void acknowledge(Update cancelled) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            var now = store.lockedNewest(handle, List.of(cancelled.device())).stream()
                    .filter(it -> it.id() == cancelled.id() && !it.isAcknowledged()).toList();
            store.save(handle, now.stream().map(it -> new UpdateStore.Move(it.acknowledged(now()), 0)).toList());
            return null;
        });
    }

    /// Its newest updates with their timelines, newest first.
    List<Story> stories(OrganizationPath scope, DeviceId device) {
        return database.transaction(scope, handle -> {
            var found = store.of(handle, device, FirmwareLimits.FIRMWARE_UPDATES_SHOWN);
            var steps = store.steps(handle, found.stream().map(Update::id).toList());
            return found.stream().map(update -> new Story(update,
                    steps.stream().filter(step -> step.update() == update.id()).toList())).toList();
        });
    }

    /// A device says how far it is.
    ///
    /// @return its newest update as it is then; empty for a device that never had one
    Optional<Update> report(DeviceId device, UpdateEvent.Reported report) {
        var changed = happened(List.of(new Happening(device, report, now(), false)));
        return changed.stream().findFirst().or(() -> newest(device));
    }

    /// Takes what has happened, in its order; what devices run by then is in the registry with it.
    ///
    /// @return what has changed
    List<Update> happened(List<Happening> those) {
        var edits = devices.edits().prepare(those.stream().filter(Updates::maySayVersion).map(Happening::device)
                .toList());
        var changed = database.transaction(OrganizationPath.ROOT, handle -> {
            var reporters = reporters(handle, edits, those);
            var moved = apply(handle, those);
            noteVersions(handle, edits, reporters, those, moved);
            return moved;
        });
        edits.committed();
        announce(changed);
        return changed;
    }

    /// Devices that may say what they run, locked: before their updates, as everywhere.
    private static Map<DeviceId, Device> reporters(Handle handle, DeviceEdits edits, List<Happening> those) {
        var ids = those.stream().filter(Updates::maySayVersion).map(Happening::device).distinct().toList();
        return ids.isEmpty() ? Map.of() : edits.lock(handle, ids);
    }

    private static boolean maySayVersion(Happening happening) {
        return happening.event() instanceof UpdateEvent.Reported report
                && (report.version().isPresent() || !report.state().isOpen());
    }

    private static void noteVersions(Handle handle, DeviceEdits edits, Map<DeviceId, Device> reporters,
            List<Happening> those, List<Update> moved) {
        var ended = new HashMap<DeviceId, String>();
        moved.forEach(update -> update.running().ifPresent(version -> ended.put(update.device(), version)));
        var running = new LinkedHashMap<DeviceId, String>();
        for (var happening : those) {
            if (!(happening.event() instanceof UpdateEvent.Reported report)) continue;
            report.version().or(() -> report.state().isOpen() ? Optional.empty()
                            : Optional.ofNullable(ended.get(happening.device())))
                    .ifPresent(version -> running.put(happening.device(), version));
        }
        var protocol = those.stream().anyMatch(Happening::isFromLog) ? "mqtt" : "http";
        running.forEach((id, version) -> {
            var device = reporters.get(id);
            if (device == null || version.equals(device.firmwareVersion())) return;
            var by = new Actor(Actor.Kind.DEVICE, id.toString(), device.name(), device.organization(), "", protocol);
            edits.edit(by, device, draft -> draft.withProfile(draft.profile().withFirmwareVersion(version)));
        });
        edits.write(handle);
    }

    private static boolean isStillNews(Update update, Happening happening) {
        return !happening.isFromLog() || happening.at().isAfter(update.changedAt());
    }

    /// @return what has changed
    private List<Update> apply(Handle handle, List<Happening> those) {
        if (those.isEmpty()) return List.of();
        var concerned = new LinkedHashSet<DeviceId>();
        those.forEach(it -> concerned.add(it.device()));
        var newest = new HashMap<DeviceId, Update>();
        store.lockedNewest(handle, concerned).forEach(update -> newest.put(update.device(), update));
        var changed = new LinkedHashMap<DeviceId, Update>();
        var moves = new ArrayList<UpdateStore.Move>();
        for (var happening : those) {
            var before = newest.get(happening.device());
            if (before == null || !isStillNews(before, happening)) continue;
            var after = UpdateLife.after(before, happening.event(), happening.at());
            if (after == before) continue;
            moves.add(new UpdateStore.Move(after, UpdateLife.mostSteps(before, after)));
            newest.put(after.device(), after);
            changed.put(after.device(), after);
        }
        store.save(handle, moves);
        return List.copyOf(changed.values());
    }

    private void announce(List<Update> changed) {
        for (var update : changed) listeners.forEach(listener -> listener.changed(new UpdateChanged(update)));
    }

    /// Ends attempts of which nothing was heard, and takes for installed what devices really run.
    ///
    /// @return how many were looked at
    int reconcile() {
        var now = now();
        var due = database.transaction(OrganizationPath.ROOT, handle -> store.due(handle, now,
                now.minus(FirmwareLimits.FIRMWARE_SETTLE_TIME), FirmwareLimits.FIRMWARE_AT_ONCE));
        var happenings = new ArrayList<Happening>();
        for (var seen : due) {
            happenings.add(new Happening(seen.device(), new UpdateEvent.VersionSeen(seen.version()), now, false));
            happenings.add(new Happening(seen.device(), seen.isGone() ? new UpdateEvent.DeviceGone()
                    : new UpdateEvent.TimePassed(), now, false));
        }
        happened(happenings);
        return due.size();
    }

    List<Update> untold() {
        return database.transaction(OrganizationPath.ROOT,
                handle -> store.untold(handle, FirmwareLimits.FIRMWARE_AT_ONCE));
    }

    void told(List<Update> those) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.told(handle, those);
            return null;
        });
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
