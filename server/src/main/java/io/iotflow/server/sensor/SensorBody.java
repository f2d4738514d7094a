package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.MetricName;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Query;
import io.iotflow.server.http.Request;
import io.iotflow.server.processing.Units;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Reads what people write of sensors, and refuses what is wrong by its field.
final class SensorBody {
    private static final List<String> WRITTEN_BY_US =
            List.of("id", "device_id", "version", "is_overdue", "certificate", "created_at", "updated_at");
    private static final List<String> SUFFIXES = List.of(":raw", ":quality");
    private static final int LONGEST_METRIC = TelemetryLimits.METRIC_NAME - ":quality".length();
    private static final int TIME_CHARACTERS = 40;

    private SensorBody() {}

    /// What was read may be sent back as it is: what the platform itself writes there is left out.
    static Sensor.Content sensor(Request request) {
        var fields = fields(request, WRITTEN_BY_US);
        var name = fields.requiredText("name", Limits.DEVICE_NAME_CHARACTERS);
        if (!name.equals(name.strip())) throw fields.refusal("name", "must have spaces only between words");
        if (name.chars().allMatch(Character::isDigit)) {
            throw fields.refusal("name", "must not be digits alone, which would be a number; add a letter");
        }
        var interval = fields.whole("interval_days", 0, 1, FleetLimits.SENSOR_INTERVAL_DAYS);
        var calibratedAt = time(fields, "calibrated_at", request.receivedAt());
        var dueAt = time(fields, "due_at", request.receivedAt())
                .or(() -> calibratedAt.filter(_ -> interval > 0).map(at -> at.plus(Duration.ofDays(interval))));
        var content = new Sensor.Content(name, metric(fields), unit(fields),
                fields.text("description", Limits.DEVICE_DESCRIPTION_CHARACTERS).orElse(""),
                Calibration.read(fields, Calibration.NONE), interval == 0 ? Optional.empty() : Optional.of(interval),
                calibratedAt, dueAt);
        fields.end();
        return content;
    }

    private static String metric(Fields fields) {
        var metric = fields.requiredText("metric", LONGEST_METRIC);
        if (!MetricName.isValid(metric)) throw fields.refusal("metric", MetricName.RULE);
        if (SUFFIXES.stream().anyMatch(metric::endsWith)) {
            throw fields.refusal("metric", "must not end with :raw or :quality, which the platform writes");
        }
        return metric;
    }

    private static String unit(Fields fields) {
        var unit = fields.text("unit", FleetLimits.UNIT_CHARACTERS).orElse("");
        try {
            if (!unit.isEmpty()) Units.check(unit);
        } catch (IllegalArgumentException e) {
            throw fields.refusal("unit", e.getMessage());
        }
        return unit;
    }

    /// What somebody has found when calibrating.
    ///
    /// @param due empty for what the interval says
    record Calibrating(Calibration calibration, Instant at, Optional<Instant> due, String note) {}

    /// @param before what fields that are left out mean
    static Calibrating calibrating(Request request, Calibration before) {
        var fields = fields(request, List.of());
        var calibration = Calibration.read(fields, before);
        var at = time(fields, "calibrated_at", request.receivedAt()).orElse(micros(request.receivedAt()));
        if (at.isAfter(request.receivedAt())) {
            throw fields.refusal("calibrated_at", "lies ahead; say when the sensor was calibrated");
        }
        var read = new Calibrating(calibration, at, time(fields, "due_at", request.receivedAt()),
                fields.text("note", Limits.DEVICE_DESCRIPTION_CHARACTERS).orElse(""));
        fields.end();
        return read;
    }

    /// From the first, inclusive, to the second, exclusive.
    record Span(Instant from, Instant to) {}

    static Span span(Request request) {
        var fields = fields(request, List.of());
        fields.required("from");
        var now = micros(request.receivedAt());
        var from = time(fields, "from", now).orElseThrow();
        var to = time(fields, "to", now).orElse(now);
        fields.end();
        if (from.isBefore(Instant.EPOCH)) throw fields.refusal("from", "must not lie before 1970");
        if (to.isAfter(now)) throw fields.refusal("to", "must not lie ahead; leave it out for now");
        if (!from.isBefore(to)) throw fields.refusal("from", "must lie before to");
        return new Span(from, to);
    }

    private static Fields fields(Request request, List<String> ignored) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        if (!StorableText.accepts(body)) {
            throw PlatformException.malformed("The body " + StorableText.NO_JSON + ".");
        }
        return Fields.of("", body.deepCopy().remove(ignored));
    }

    /// A text or a number. PostgreSQL keeps microseconds.
    private static Optional<Instant> time(Fields fields, String field, Instant now) {
        return fields.find(field).map(it -> micros(Query.time(field, it.isIntegralNumber() ? it.asText()
                : fields.text(field, TIME_CHARACTERS).orElseThrow(), now)));
    }

    private static Instant micros(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }
}
