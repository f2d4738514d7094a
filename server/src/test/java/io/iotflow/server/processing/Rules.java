package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.PayloadException;
import io.iotflow.protocol.TelemetryDecoder;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/// Rules and messages for tests, as text.
final class Rules {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final TelemetryDecoder DECODER = new TelemetryDecoder(TelemetryLimits.STANDARD);

    private Rules() {}

    /// @param steps the elements of the list
    static ProcessingRule rule(String steps) {
        return document("{\"name\":\"rule\",\"steps\":[" + steps + "]}");
    }

    static ProcessingRule document(String json) {
        return new ProcessingRule(1, OrganizationPath.ROOT, 1, RuleDocument.read(Json.read(json.getBytes(
                StandardCharsets.UTF_8))), NOW, NOW);
    }

    static Device device(String type, String metadata) {
        return new Device(new DeviceId(7), OrganizationPath.ROOT.child(3), "lamp-7", type, "", "", "1.2", "",
                Json.read(metadata.getBytes(StandardCharsets.UTF_8)), JsonNodeFactory.instance.arrayNode(), "",
                DeviceStatus.ACTIVE, Optional.empty(), 1, NOW, NOW);
    }

    /// A device's metrics in memory.
    static final class Known implements SeriesGuard {
        final Map<String, Value.Type> types = new HashMap<>();

        @Override
        public boolean admits(DeviceId device, String metric, Value.Type type) {
            return types.computeIfAbsent(metric, _ -> type) == type;
        }

        @Override
        public boolean has(DeviceId device, String metric) {
            return types.containsKey(metric);
        }
    }

    /// One rule, whose faults can be seen, on one device.
    static final class Trial {
        final Known known = new Known();
        final Faults faults = new Faults(new LongAdder());
        final DevicePlan plan;

        Trial(String steps) {
            this(steps, device("probe", "{\"gain\":3}"));
        }

        Trial(String steps, Device device) {
            plan = DevicePlan.of(rule(steps), faults, device, known);
        }

        /// What is stored of a message, as `metric=value` in its order.
        String stored(String message) {
            var outcome = plan.apply(decoded(message));
            outcome.kept();
            return text(outcome.measurements());
        }
    }

    static List<Measurement> decoded(String message) {
        var bytes = message.getBytes(StandardCharsets.UTF_8);
        try {
            return DECODER.decode(bytes, 0, bytes.length, NOW);
        } catch (PayloadException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String text(List<Measurement> measurements) {
        return measurements.stream().map(measurement -> measurement.metric() + "=" + switch (measurement.value()) {
            case Value.Real(var number) -> Double.toString(number);
            case Value.Whole(var number) -> Long.toString(number);
            case Value.Flag(var on) -> Boolean.toString(on);
            case Value.Text(var text) -> text;
            case Value.Sealed _ -> "sealed";
        }).collect(Collectors.joining(" "));
    }
}
