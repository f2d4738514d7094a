package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.processing.OwnSteps;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sensors of all devices, and the only door for changing one. What they do to measurements is in memory.
///
/// A change is in force here before its call is answered, and on other nodes within milliseconds.
public final class Sensors implements Notifications.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Sensors.class);
    private static final String CHANNEL = "sensor";

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final SensorStore store = new SensorStore();
    private final List<Consumer<DeviceId>> listeners = new CopyOnWriteArrayList<>();
    /// Devices that have any.
    private final Map<DeviceId, Fitted> book = new ConcurrentHashMap<>();

    /// The sensors of one device, and what they do.
    private record Fitted(List<Sensor> sensors, OwnSteps steps) {
        static Fitted of(List<Sensor> sensors) {
            var steps = new OwnSteps.Maker();
            for (var sensor : sensors) {
                var it = sensor.content().calibration();
                steps.calibrate(sensor.content().metric(), it.multiplier(), it.offset());
            }
            for (var sensor : sensors) {
                var it = sensor.content().calibration();
                steps.range(sensor.content().metric(), it.validMin(), it.validMax(), Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY);
            }
            return new Fitted(List.copyOf(sensors), steps.made());
        }
    }

    public Sensors(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        database.notifications().subscribe(CHANNEL, this);
        loadAll();
    }

    // ---- what others ask, from memory

    /// Whether no device has a sensor.
    public boolean isEmpty() {
        return book.isEmpty();
    }

    /// What a device's sensors do to its measurements; the same object while nothing has changed.
    public OwnSteps steps(DeviceId device) {
        var fitted = book.get(device);
        return fitted == null ? OwnSteps.NONE : fitted.steps;
    }

    /// By metric; those without one are absent.
    public Map<String, String> units(DeviceId device) {
        var units = new HashMap<String, String>();
        for (var sensor : of(device)) {
            if (!sensor.content().unit().isEmpty()) units.put(sensor.content().metric(), sensor.content().unit());
        }
        return units;
    }

    /// When the first of a device's sensors must be calibrated, or should have been; empty if none says.
    public Optional<Instant> calibrationDue(DeviceId device) {
        return of(device).stream().flatMap(sensor -> sensor.content().dueAt().stream()).min(Instant::compareTo);
    }

    /// Runs after the sensors of a device have changed and this node has taken it up, on whatever thread took it up.
    public void onChange(Consumer<DeviceId> listener) {
        listeners.add(listener);
    }

    List<Sensor> of(DeviceId device) {
        var fitted = book.get(device);
        return fitted == null ? List.of() : fitted.sensors;
    }

    /// @throws PlatformException `NOT_FOUND`
    Sensor require(Device device, String idOrName) {
        return of(device.id()).stream().filter(sensor -> sensor.isCalled(idOrName)).findFirst()
                .orElseThrow(Sensors::notFound);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such sensor of the device");
    }

    // ---- keeping up

    @Override
    public void received(String payload) {
        Thread.startVirtualThread(() -> takeUp(new DeviceId(Long.parseLong(payload))));
    }

    @Override
    public void missed() {
        Thread.startVirtualThread(() -> {
            try {
                loadAll().forEach(this::tell);
            } catch (RuntimeException e) {
                LOG.error("event=sensors_not_loaded effect=\"those before stay in force\"", e);
            }
        });
    }

    private void takeUp(DeviceId device) {
        try {
            load(device);
        } catch (RuntimeException e) {
            LOG.error("event=sensors_not_loaded device={} effect=\"those before stay in force\"", device, e);
            return;
        }
        tell(device);
    }

    private void tell(DeviceId device) {
        listeners.forEach(listener -> listener.accept(device));
    }

    /// Whoever loads last has seen the latest.
    private synchronized void load(DeviceId device) {
        put(device, database.transaction(OrganizationPath.ROOT, handle -> store.of(handle, device)));
    }

    /// @return devices whose sensors are others than before
    private synchronized List<DeviceId> loadAll() {
        var all = database.transaction(OrganizationPath.ROOT, store::all).stream()
                .collect(Collectors.groupingBy(Sensor::device));
        var devices = new HashSet<>(book.keySet());
        devices.addAll(all.keySet());
        return devices.stream().filter(device -> put(device, all.getOrDefault(device, List.of()))).toList();
    }

    private boolean put(DeviceId device, List<Sensor> sensors) {
        if (sensors.equals(of(device))) return false;
        if (sensors.isEmpty()) book.remove(device);
        else book.put(device, Fitted.of(sensors));
        return true;
    }

    // ---- changing

    Sensor create(Actor by, Device device, Sensor.Content content) {
        return changed(by, device, handle -> {
            if (store.of(handle, device.id()).size() >= FleetLimits.SENSORS_PER_DEVICE) {
                throw new PlatformException(ErrorCode.CONFLICT, "The device has " + FleetLimits.SENSORS_PER_DEVICE
                        + " sensors; delete one that is not there any more.");
            }
            var made = store.insert(handle, device, content, now());
            audit.record(handle, by, "sensor.created", made.target(), Audit.NOTHING, made.document());
            if (!content.calibration().equals(Calibration.NONE)) note(handle, by, made, Calibration.NONE, "");
            return made;
        });
    }

    /// @param expected refuse unless the sensor still has this version
    Sensor change(Actor by, Device device, long id, OptionalLong expected, Sensor.Content content) {
        return changed(by, device, handle -> {
            var before = required(handle, device, id, expected);
            var after = store.update(handle, id, content, now());
            audit.record(handle, by, "sensor.changed", after.target(), before.document(), after.document());
            var calibration = before.content().calibration();
            if (!calibration.equals(content.calibration())) note(handle, by, after, calibration, "");
            return after;
        });
    }

    Sensor calibrate(Actor by, Device device, long id, OptionalLong expected, SensorBody.Calibrating calibrating) {
        return changed(by, device, handle -> {
            var before = required(handle, device, id, expected);
            var after = store.update(handle, id, before.content().calibrated(calibrating.calibration(),
                    calibrating.at(), calibrating.due()), now());
            audit.record(handle, by, "sensor.calibrated", after.target(), before.document(),
                    after.document().put("note", calibrating.note()));
            note(handle, by, after, before.content().calibration(), calibrating.note());
            return after;
        });
    }

    private void note(Handle handle, Actor by, Sensor after, Calibration before, String note) {
        store.calibrated(handle, after, by.toString(), before.into(object()),
                after.content().calibration().into(object()), note, now());
    }

    void delete(Actor by, Device device, long id, OptionalLong expected) {
        changed(by, device, handle -> {
            var gone = required(handle, device, id, expected);
            store.delete(handle, id);
            audit.record(handle, by, "sensor.deleted", gone.target(), gone.document(), Audit.NOTHING);
            return gone;
        });
    }

    Sensor keep(Actor by, Device device, long id, SensorStore.File file) {
        return changed(by, device, handle -> {
            var before = required(handle, device, id, OptionalLong.empty());
            var sha256 = sha256(file.content());
            store.keep(handle, before, file, sha256, by.toString(), now());
            audit.record(handle, by, "sensor.certificate_stored", before.target(), Audit.NOTHING, object()
                    .put("file_name", file.name()).put("sha256", HexFormat.of().formatHex(sha256)));
            return store.touch(handle, id, now());
        });
    }

    Sensor removeCertificate(Actor by, Device device, long id) {
        return changed(by, device, handle -> {
            var before = required(handle, device, id, OptionalLong.empty());
            var gone = before.certificate().orElseThrow(Sensors::noCertificate);
            store.removeCertificate(handle, id);
            audit.record(handle, by, "sensor.certificate_removed", before.target(), object()
                    .put("file_name", gone.fileName()).put("sha256", gone.sha256()), Audit.NOTHING);
            return store.touch(handle, id, now());
        });
    }

    SensorStore.File certificate(Device device, long id) {
        return database.transaction(device.organization(), handle -> store.certificate(handle, id))
                .orElseThrow(Sensors::noCertificate);
    }

    private static PlatformException noCertificate() {
        return PlatformException.notFound("certificate of the sensor");
    }

    Page<SensorStore.Calibrated> calibrations(Device device, long id, Page.Wish wish) {
        return database.transaction(device.organization(), handle -> store.calibrations(handle, id, wish));
    }

    private Sensor required(Handle handle, Device device, long id, OptionalLong expected) {
        var sensor = store.of(handle, device.id()).stream().filter(it -> it.id() == id).findFirst()
                .orElseThrow(Sensors::notFound);
        if (expected.isPresent() && expected.getAsLong() != sensor.version()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The sensor has changed since it was read.");
        }
        return sensor;
    }

    private Sensor changed(Actor by, Device device, HandleCallback<Sensor, RuntimeException> change) {
        Sensor changed;
        try {
            changed = database.transactionInTurn(by.organization(), device.id().value(), handle -> {
                handle.createQuery("SELECT id FROM devices WHERE id = :id FOR UPDATE").bind("id", device.id().value())
                        .mapTo(Long.class).findOne().orElseThrow(() -> PlatformException.notFound("such device"));
                var it = change.withHandle(handle);
                database.notifications().publish(handle, CHANNEL, device.id().toString());
                return it;
            });
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "Another sensor of the device has this name, or measures "
                    + "this metric; one metric has one sensor.");
        }
        takeUp(device.id());
        return changed;
    }

    private static ObjectNode object() {
        return Json.mapper().createObjectNode();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every JDK has SHA-256", e);
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
