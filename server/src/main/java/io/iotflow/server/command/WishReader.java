package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Query;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads what a body wants of a command.
final class WishReader {
    private static final List<String> WORDS_FOR_TYPE = List.of("type", "command", "command_type");

    private WishReader() {}

    /// A body for one device: the type, what the delivery shall be, and everything else are parameters.
    ///
    /// @param key from the request's header; a key in the body goes before it
    static Wish of(ObjectNode body, Optional<String> key, Instant now) {
        var type = takeType(body);
        var delivery = Fields.of("delivery", body.has("delivery") ? body.remove("delivery")
                : Json.mapper().createObjectNode());
        var expires = Optional.ofNullable(body.remove("expires_at")).filter(it -> !it.isNull());
        var wish = of(type, body, delivery, expires, key, now);
        delivery.end();
        return wish;
    }

    /// A body for many, in which every field has its place.
    static Wish of(Fields fields, Instant now) {
        var type = fields.requiredText("type", Commands.TYPE_CHARACTERS);
        var parameters = fields.find("parameters").orElseGet(Json.mapper()::createObjectNode);
        if (!(parameters instanceof ObjectNode object)) throw fields.refusal("parameters", "must be an object");
        var delivery = fields.object("delivery").orElseGet(() -> Fields.of("delivery",
                Json.mapper().createObjectNode()));
        if (delivery.find("idempotency_key").isPresent()) {
            throw delivery.refusal("idempotency_key", "is for a command to one device; send an Idempotency-Key header");
        }
        var wish = of(type, object, delivery, fields.find("expires_at"), Optional.empty(), now);
        delivery.end();
        return wish;
    }

    private static Wish of(String type, ObjectNode parameters, Fields delivery, Optional<JsonNode> expiry,
            Optional<String> key, Instant now) {
        if (!StorableText.accepts(parameters) || !StorableText.accepts(type)) {
            throw PlatformException.invalid("parameters", StorableText.NO_JSON);
        }
        var standard = Terms.standard(now);
        var notBefore = delivery.find("not_before").map(it -> micros("delivery.not_before", it, now))
                .map(it -> it.isBefore(now) ? now : it).orElse(now);
        var expires = expiry.map(it -> micros("expires_at", it, now))
                .orElseGet(() -> notBefore.plus(CommandLimits.COMMAND_LIFE));
        if (!expires.isAfter(now)) throw PlatformException.invalid("expires_at", "must lie in the future");
        if (!expires.isAfter(notBefore)) {
            throw PlatformException.invalid("expires_at", "must lie after delivery.not_before");
        }
        if (expires.isAfter(now.plus(CommandLimits.COMMAND_LONGEST_LIFE))) {
            throw PlatformException.invalid("expires_at", "must lie within the next "
                    + CommandLimits.COMMAND_LONGEST_LIFE.toDays() + " days");
        }
        var terms = new Terms(notBefore, expires,
                time(delivery, "within", standard.delivery(), CommandLimits.COMMAND_LONGEST_DELIVERY),
                time(delivery, "timeout", standard.timeout(), CommandLimits.COMMAND_LONGEST_TIMEOUT),
                delivery.whole("attempts", standard.attempts(), 1, CommandLimits.COMMAND_MOST_ATTEMPTS),
                time(delivery, "backoff", standard.backoff(), CommandLimits.COMMAND_LONGEST_PAUSE));
        var own = delivery.text("idempotency_key", Limits.IDEMPOTENCY_KEY_CHARACTERS).filter(it -> !it.isBlank());
        if (own.filter(it -> !StorableText.accepts(it)).isPresent()) {
            throw delivery.refusal("idempotency_key", "has broken characters");
        }
        return new Wish(UUID.randomUUID(), type, parameters,
                delivery.whole("priority", 0, -CommandLimits.COMMAND_PRIORITY, CommandLimits.COMMAND_PRIORITY),
                own.or(() -> key), terms);
    }

    /// PostgreSQL keeps no more.
    private static Instant micros(String field, JsonNode time, Instant now) {
        return Query.time(field, time.asText(), now).truncatedTo(ChronoUnit.MICROS);
    }

    private static Duration time(Fields delivery, String field, Duration otherwise, Duration longest) {
        return delivery.duration(field, longest).orElse(otherwise);
    }

    private static String takeType(ObjectNode body) {
        for (var word : WORDS_FOR_TYPE) {
            var type = body.remove(word);
            if (type == null) continue;
            var text = type.asText();
            if (!type.isTextual() || text.isEmpty() || text.length() > Commands.TYPE_CHARACTERS) {
                throw PlatformException.invalid(word, "must be a word of 1 to " + Commands.TYPE_CHARACTERS
                        + " characters");
            }
            return text;
        }
        throw PlatformException.invalid("type", "is missing: say which command it is");
    }
}
