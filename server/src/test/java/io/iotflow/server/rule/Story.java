package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.geo.Geofences;
import io.iotflow.server.geo.TestGeofences;
import io.iotflow.server.http.Json;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One rule at one device, told in a few lines: what is measured when, and what the rule makes of it. Times are seconds
/// since Thursday 2026-01-01, midnight UTC.
final class Story implements Watch.Findings {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /// A yard in the middle of Berlin, and a gate in it.
    private static final Geofences.Known PLACES = TestGeofences.of(
            TestGeofences.circle(1, "yard", 52.52, 13.405, 1_000), TestGeofences.circle(2, "gate", 52.52, 13.405, 10));

    private final Watch watch;
    private final List<String> findings = new ArrayList<>();

    private Story(RuleProgram program, WatchedDevice device) {
        watch = new Watch(new DeviceId(7), device, List.of(program), micros(0), micros(0), false);
    }

    /// @param condition JSON with single quotes, or an expression
    static Story of(String condition) {
        return rule(document(condition), "{}");
    }

    private static String document(String condition) {
        return "{'name':'r','condition':" + (condition.startsWith("{") ? condition
                : '"' + condition.replace("\"", "\\\"") + '"') + "}";
    }

    static Story rule(String document, String metadata) {
        return new Story(program(document), new WatchedDevice(device(json(metadata))));
    }

    /// At a device whose certificate ends at that second, and which is online.
    static Story certified(String condition, double end) {
        return new Story(program(document(condition)), new WatchedDevice(device("{}"), present(end)));
    }

    /// At a device whose certificate ends at that second.
    static Story rule(ObjectNode document, String metadata, double end) {
        return new Story(program(document), new WatchedDevice(device(json(metadata)), present(end)));
    }

    /// Its sensors must be calibrated at the same second.
    private static WatchedDevice.Present present(double certificateEnd) {
        var end = Optional.of(Timestamps.ofMicros(micros(certificateEnd)));
        return new WatchedDevice.Present(() -> end, () -> end, () -> true, () -> true);
    }

    static RuleProgram program(String document) {
        return program((ObjectNode) tree(json(document)));
    }

    private static RuleProgram program(ObjectNode tree) {
        return RuleReader.program(new Rule(1, OrganizationPath.ROOT, tree.path("name").asText(), Rule.Mode.ACTIVE, 1,
                tree, START, START), PLACES);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static com.fasterxml.jackson.databind.JsonNode tree(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Device device(String metadata) {
        return device(OrganizationPath.ROOT, metadata);
    }

    static Device device(OrganizationPath organization, String metadata) {
        return new Device(new DeviceId(7), organization, "pump-7", "pump", "", "Hall 2", "1.4.0", "B",
                tree(metadata), Json.mapper().createArrayNode(), "", DeviceStatus.ACTIVE, Optional.empty(), 1, START,
                START);
    }

    static long micros(double seconds) {
        return Timestamps.micros(START) + Math.round(seconds * 1e6);
    }

    /// @param more metric and value in turn
    Story at(double second, String metric, Object value, Object... more) {
        var measurements = new ArrayList<Measurement>();
        measurements.add(new Measurement(metric, micros(second), value(value)));
        for (var i = 0; i < more.length; i += 2) {
            measurements.add(new Measurement((String) more[i], micros(second), value(more[i + 1])));
        }
        watch.measured(measurements, this);
        return this;
    }

    /// It measures something, and the platform receives that at another time.
    Story received(double at, double second, String metric, Object value) {
        watch.measured(List.of(new Measurement(metric, micros(second), value(value))), micros(at), this);
        return this;
    }

    /// Somebody shows a wrong key of the device.
    Story refused(double second) {
        watch.signalled(micros(second), Signal.CREDENTIAL_REFUSED, this);
        return this;
    }

    private static Value value(Object value) {
        return switch (value) {
            case Boolean flag -> new Value.Flag(flag);
            case String text -> new Value.Text(text);
            case Number number -> new Value.Real(number.doubleValue());
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    /// Time passes, and nothing is measured.
    Story until(double second) {
        watch.tick(micros(second), this);
        return this;
    }

    RuleState state() {
        return watch.rules().getFirst();
    }

    /// Since the last time that somebody asked: `begun 5`, `ended 7.5`.
    void says(String... expected) {
        assertThat(findings).containsExactly(expected);
        findings.clear();
    }

    List<String> findings() {
        return findings;
    }

    @Override
    public void begun(RuleState rule) {
        add("begun", rule);
    }

    @Override
    public void occurred(RuleState rule) {
        // not part of a story
    }

    @Override
    public void ended(RuleState rule) {
        add("ended", rule);
    }

    private void add(String event, RuleState rule) {
        var seconds = (rule.now - micros(0)) / 1e6;
        findings.add(event + " " + (seconds == Math.rint(seconds) ? Long.toString((long) seconds)
                : Double.toString(seconds)) + (rule.key.isEmpty() ? "" : " " + rule.key));
    }
}
