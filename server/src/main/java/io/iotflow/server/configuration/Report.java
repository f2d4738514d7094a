package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.configuration.State.Outcome;
import io.iotflow.server.core.Limits;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// What a device says of its configuration: that it has taken or refused a version, what it has, or both.
///
/// @param version empty if it says only what it has
/// @param values  what it has, as values
/// @param hash    of what it has, if it does not say more
record Report(OptionalLong version, Outcome outcome, String message, Optional<JsonNode> values,
              Optional<String> hash) {
    private static final Map<String, Outcome> OUTCOMES = Map.of("applied", Outcome.APPLIED,
            "success", Outcome.APPLIED, "ok", Outcome.APPLIED, "rejected", Outcome.REJECTED,
            "failed", Outcome.REJECTED, "error", Outcome.REJECTED);
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /// Of `{version, outcome?, message?, configuration?, hash?}`; an outcome may also be called `status`.
    static Report acknowledgement(Fields fields) {
        var version = fields.required("version");
        if (!version.isIntegralNumber() || !version.canConvertToLong() || version.longValue() < 1) {
            throw fields.refusal("version", "must be the number of a version");
        }
        var outcome = fields.word("outcome", OUTCOMES).or(() -> fields.word("status", OUTCOMES))
                .orElse(Outcome.APPLIED);
        return new Report(OptionalLong.of(version.longValue()), outcome, message(fields), values(fields),
                hash(fields));
    }

    /// Of `{configuration}` or `{hash}`.
    static Report of(Fields fields) {
        var report = new Report(OptionalLong.empty(), Outcome.APPLIED, "", values(fields), hash(fields));
        if (report.values.isEmpty() && report.hash.isEmpty()) {
            throw fields.refusal("configuration", "or hash must say what the device has");
        }
        return report;
    }

    private static String message(Fields fields) {
        var message = fields.text("message", Limits.CONFIGURATION_MESSAGE_CHARACTERS).orElse("");
        if (!StorableText.accepts(message)) {
            throw fields.refusal("message", "must not have the character 0 or broken Unicode");
        }
        return message;
    }

    private static Optional<JsonNode> values(Fields fields) {
        return fields.find("configuration").map(Content::reported);
    }

    private static Optional<String> hash(Fields fields) {
        var hash = fields.text("hash", 64);
        if (hash.isPresent() && !HASH.matcher(hash.get()).matches()) {
            throw fields.refusal("hash", "must be the 64 digits that came with a configuration");
        }
        return hash;
    }

    /// The hash of what the device says that it has, if it says so.
    Optional<String> hashOfAll() {
        return values.map(Content::hash).or(() -> hash);
    }
}
