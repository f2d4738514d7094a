package io.iotflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.iotflow.bench.platform.PlatformApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// The rules of a fleet of ten types of devices, ten kinds of rules for each type, so that ten look at each message.
/// One of the hundred begins and ends again and again: about each hundredth message of its type begins it. The others
/// look and stay silent.
final class RuleSet {
    static final int TYPES = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> KINDS = List.of("""
            {"type":"threshold_high","metric":"temperature","threshold":80,"clear":75,"hold":"5m"}""", """
            {"type":"threshold_low","metric":"humidity","threshold":5,"hold":"1m"}""", """
            "temperature > 50 && humidity < 10\"""", """
            "Math.abs(temperature - humidity) > 40 || pressure > 90\"""", """
            {"type":"rate","metric":"temperature","per":"1m","above":1e12}""", """
            {"type":"statistical","metric":"pressure","window":"1h","sigma":8,"minimum":30}""", """
            {"type":"count","of":{"type":"threshold_high","metric":"humidity","threshold":80},"at_least":5,
             "within":"10m"}""", """
            {"type":"sequence","first":"temperature > 60","then":"pressure < 5","within":"5m"}""", """
            {"type":"absence","for":"10m"}""");
    private static final String SILENT = """
            {"type":"threshold_high","metric":"temperature","threshold":70,"clear":60}""";
    private static final String LIVELY = """
            {"type":"threshold_high","metric":"temperature","threshold":21.98,"clear":21.5}""";

    private RuleSet() {}

    /// Makes them.
    ///
    /// @return their numbers
    static List<Long> create(PlatformApi api, String type) throws IOException, InterruptedException {
        var made = new ArrayList<Long>();
        for (int t = 0; t < TYPES; t++) {
            var conditions = new ArrayList<>(KINDS);
            conditions.add(t == 0 ? LIVELY : SILENT);
            for (int k = 0; k < conditions.size(); k++) {
                made.add(create(api, "rule " + t + "." + k, type + "-" + t, conditions.get(k)));
            }
        }
        return made;
    }

    /// Makes one for a type of devices.
    ///
    /// @param condition JSON
    static long create(PlatformApi api, String name, String type, String condition)
            throws IOException, InterruptedException {
        return api.post("/api/v1/rules", document(name, type, condition)).path("id").asLong();
    }

    static JsonNode document(String name, String type, String condition) {
        try {
            var rule = JSON.createObjectNode().put("name", name).put("severity", "warning")
                    .put("message", "${device.name} has ${temperature}");
            rule.putObject("scope").putArray("device_types").add(type);
            rule.set("condition", JSON.readTree(condition));
            return rule;
        } catch (IOException e) {
            throw new UncheckedIOException("BUG: a rule that is no JSON", e);
        }
    }

    static void delete(PlatformApi api, List<Long> rules) throws IOException, InterruptedException {
        for (var rule : rules) api.delete("/api/v1/rules/" + rule);
    }
}
