package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/// The sensors of a device, with their calibrations and certificates.
public final class SensorRoutes implements Routes {
    private static final Access READ = Access.with(Permission.DEVICES_READ);
    private static final Access WRITE = Access.with(Permission.DEVICES_WRITE);
    private static final String ALL = "devices/{device}/sensors";
    private static final String ONE = ALL + "/{sensor}";
    private static final String PDF = "application/pdf";
    private static final String PNG = "image/png";
    private static final String TEXT = "text/plain";
    private static final byte[] PDF_BEGINS = "%PDF-".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PNG_BEGINS = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final String FILE_NAME = "[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}";

    private final Sensors sensors;
    private final DeviceRegistry devices;
    private final InstantSource clock;

    public SensorRoutes(Sensors sensors, DeviceRegistry devices, InstantSource clock) {
        this.sensors = sensors;
        this.devices = devices;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        table.get(ALL, READ, this::list);
        table.post(ALL, WRITE, request -> answer(sensors.create(request.actor(), device(request),
                SensorBody.sensor(request)), true));
        table.get(ONE, READ, request -> answer(sensor(request), false));
        table.put(ONE, WRITE, this::change);
        table.delete(ONE, WRITE, this::delete);
        table.get(ONE + "/calibrations", READ, this::calibrations);
        table.post(ONE + "/calibrations", WRITE, this::calibrate);
        table.get(ONE + "/certificate", READ, this::certificate);
        table.put(ONE + "/certificate", WRITE, this::keep).bodyLimit(FleetLimits.SENSOR_CERTIFICATE_BYTES);
        table.delete(ONE + "/certificate", WRITE, request -> {
            sensors.removeCertificate(request.actor(), device(request), sensor(request).id());
            return Reply.noContent();
        });
    }

    private Device device(Request request) {
        return devices.require(request.caller(), request.parameter("device"));
    }

    private Sensor sensor(Request request) {
        return sensors.require(device(request), request.parameter("sensor"));
    }

    private Reply answer(Sensor sensor, boolean isNew) {
        var json = sensor.json(clock.instant());
        return (isNew ? Reply.created(json) : Reply.ok(json)).header("ETag", sensor.tag());
    }

    private Reply list(Request request) {
        var list = sensors.of(device(request).id());
        var answer = Json.mapper().createObjectNode();
        var array = answer.putArray("sensors");
        list.forEach(sensor -> array.add(sensor.json(clock.instant())));
        return Reply.ok(answer.put("count", list.size()));
    }

    private Reply change(Request request) {
        return answer(sensors.change(request.actor(), device(request), sensor(request).id(), request.ifMatch(),
                SensorBody.sensor(request)), false);
    }

    private Reply delete(Request request) {
        sensors.delete(request.actor(), device(request), sensor(request).id(), request.ifMatch());
        return Reply.noContent();
    }

    private Reply calibrations(Request request) {
        var device = device(request);
        return Reply.ok(sensors.calibrations(device, sensor(request).id(), Page.Wish.of(request.query()))
                .json("calibrations", SensorRoutes::json));
    }

    private static ObjectNode json(SensorStore.Calibrated it) {
        var json = Json.mapper().createObjectNode().put("id", it.id()).put("author", it.author())
                .put("note", it.note()).put("calibrated_at", it.calibratedAt().map(Instant::toString).orElse(null))
                .put("created_at", it.createdAt().toString());
        json.set("before", it.before());
        return json.set("after", it.after());
    }

    private Reply calibrate(Request request) {
        var sensor = sensor(request);
        return answer(sensors.calibrate(request.actor(), device(request), sensor.id(), request.ifMatch(),
                SensorBody.calibrating(request, sensor.content().calibration())), true);
    }

    // ---- the certificate

    private Reply certificate(Request request) {
        var file = sensors.certificate(device(request), sensor(request).id());
        var type = file.mediaType().equals(TEXT) ? TEXT + "; charset=utf-8" : file.mediaType();
        return Reply.bytes(type, file.content()).header("X-Content-Type-Options", "nosniff")
                .header("Content-Disposition", "attachment; filename=\"" + file.name() + "\"");
    }

    private Reply keep(Request request) {
        var type = request.requireContentType(PDF, PNG, TEXT);
        var bytes = request.body();
        if (!isOf(type, bytes)) {
            throw PlatformException.malformed("The body is no " + type + "; send a PDF, a PNG or plain UTF-8 text, "
                    + "with its Content-Type.");
        }
        var name = request.query().text("file_name").orElse("certificate" + switch (type) {
            case PDF -> ".pdf";
            case PNG -> ".png";
            default -> ".txt";
        });
        if (!name.matches(FILE_NAME)) {
            throw PlatformException.invalid("file_name",
                    "must have 1 to 128 letters, digits, spaces and . _ -, beginning with a letter or a digit");
        }
        return answer(sensors.keep(request.actor(), device(request), sensor(request).id(),
                new SensorStore.File(name, type, bytes)), false);
    }

    /// Whether bytes are what their sender says: somebody else will open them.
    private static boolean isOf(String type, byte[] bytes) {
        return bytes.length > 0 && switch (type) {
            case PDF -> begins(bytes, PDF_BEGINS);
            case PNG -> begins(bytes, PNG_BEGINS);
            default -> isText(bytes);
        };
    }

    private static boolean begins(byte[] bytes, byte[] with) {
        return bytes.length >= with.length && Arrays.equals(bytes, 0, with.length, with, 0, with.length);
    }

    private static boolean isText(byte[] bytes) {
        try {
            return StorableText.accepts(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
