package io.iotflow.server.sensor;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.encryption.SealedTelemetry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.processing.ProcessingRules;
import io.iotflow.server.telemetry.TelemetryStore;
import java.time.InstantSource;

/// Calculating again what is stored already.
public final class RecalculationRoutes implements Routes, AutoCloseable {
    private static final Access READ = Access.with(Permission.TELEMETRY_READ);
    private static final Access WRITE = Access.with(Permission.TELEMETRY_WRITE);

    private final Sensors sensors;
    private final DeviceRegistry devices;
    private final ProcessingRules processing;
    private final TelemetryStore store;
    private final StoreFollower follower;
    private final SealedTelemetry sealed;
    private final Recalculations recalculations;

    public RecalculationRoutes(Sensors sensors, DeviceRegistry devices, ProcessingRules processing,
            TelemetryStore store, StoreFollower follower, SealedTelemetry sealed, Database database, Audit audit,
            InstantSource clock) {
        this.sensors = sensors;
        this.devices = devices;
        this.processing = processing;
        this.store = store;
        this.follower = follower;
        this.sealed = sealed;
        this.recalculations = new Recalculations(database, audit, clock);
    }

    @Override
    public void declare(RouteTable table) {
        table.post("devices/{device}/sensors/{sensor}/recalculate", WRITE, this::start);
        table.get("recalculations/{recalculation}", READ, request ->
                Reply.ok(recalculations.json(request.scope(), request.id("recalculation"))));
        table.delete("recalculations/{recalculation}", WRITE, request -> {
            recalculations.cancel(request.scope(), request.id("recalculation"));
            return Reply.noContent();
        });
    }

    private Reply start(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        var sensor = sensors.require(device, request.parameter("sensor"));
        var span = SensorBody.span(request);
        var task = new Recalculation.Task(device.organization(), device.id(), sensor,
                processing.repetition(device, sensor.content().metric()), Timestamps.micros(span.from()),
                Timestamps.micros(span.to()));
        var recalculation = new Recalculation(task, store, follower, sealed);
        var id = recalculations.start(request.actor(), device.target(), recalculation);
        return Reply.json(202, recalculation.json(id)).header("Location", "/api/v1/recalculations/" + id);
    }

    @Override
    public void close() {
        recalculations.close();
    }
}
