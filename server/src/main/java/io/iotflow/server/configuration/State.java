package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What a device is to have, and what is known of whether it has it.
///
/// @param version   grows with every change of what it is to have, whichever level made it
/// @param entries   `{key: {value, data_type, updated_at}}`
/// @param changedAt when this version came to be
/// @param published the version that was handed to the broker last
/// @param since     since when the drift is what it is
/// @param problem   why the levels as they are now make no version; empty if they do
record State(DeviceId device, OrganizationPath organization, String type, long version, JsonNode entries,
             Instant changedAt, long published, Optional<Acknowledgement> acknowledgement,
             Optional<Reported> reported, Drift drift, Instant since, String problem) {

    /// How what a device has stands to what it is to have.
    enum Drift {
        /// It has said that it has it.
        IN_SYNC,
        /// It was told lately.
        PENDING,
        /// It has something else.
        DIFFERS,
        /// It does not want it.
        REJECTED,
        /// It has not said anything in time.
        UNACKNOWLEDGED,
        /// What it should have by now is none that the schema of its type allows, so it was not told.
        INVALID;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Drift of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }

        /// Whether somebody should look after it.
        boolean isDrift() {
            return this != IN_SYNC && this != PENDING;
        }
    }

    enum Outcome {
        APPLIED, REJECTED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What a device has said about a version.
    record Acknowledgement(long version, Outcome outcome, String message, Instant at) {
        ObjectNode json() {
            return JsonNodeFactory.instance.objectNode().put("version", version).put("outcome", outcome.word())
                    .put("message", message).put("at", at.toString());
        }
    }

    /// What a device has said that it has.
    ///
    /// @param values empty if it has told no more than the hash
    record Reported(Optional<JsonNode> values, String hash, Instant at) {}

    /// Of a device for which nothing was ever set.
    static State none(Member member, Instant now) {
        return new State(member.device(), member.organization(), member.type(), 0,
                JsonNodeFactory.instance.objectNode(), now, 0, Optional.empty(), Optional.empty(), Drift.IN_SYNC, now,
                "");
    }

    Configuration configuration() {
        return new Configuration(device, version, entries);
    }

    State with(Drift next, Instant at) {
        return new State(device, organization, type, version, entries, changedAt, published, acknowledgement,
                reported, next, next == drift ? since : at, problem);
    }

    State withType(String next) {
        return new State(device, organization, next, version, entries, changedAt, published, acknowledgement,
                reported, drift, since, problem);
    }

    State withProblem(String next) {
        return new State(device, organization, type, version, entries, changedAt, published, acknowledgement,
                reported, drift, since, next);
    }

    State withVersion(long next, JsonNode content, Instant at) {
        return new State(device, organization, type, next, content, at, published, acknowledgement, reported, drift,
                since, problem);
    }

    State with(Acknowledgement next) {
        return new State(device, organization, type, version, entries, changedAt, published, Optional.of(next),
                reported, drift, since, problem);
    }

    State with(Optional<Reported> next) {
        return new State(device, organization, type, version, entries, changedAt, published, acknowledgement, next,
                drift, since, problem);
    }
}
