package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What a notice says to people and programs. What devices have written into it is text and nothing else: it can
/// neither end a header nor become a link or a tag.
final class Texts {
    /// Of one name or message in a text for people.
    private static final int LONGEST = 1_000;

    private Texts() {}

    /// The notice as programs read it; also what the outbox keeps.
    static ObjectNode document(Notice notice) {
        var document = Json.mapper().createObjectNode().put("alert_id", notice.alert())
                .put("organization_id", notice.organization().id()).put("rule_id", notice.rule())
                .put("rule_version", notice.ruleVersion()).put("rule_name", notice.ruleName())
                .put("device_id", notice.device().value()).put("device_name", notice.deviceName())
                .put("key", notice.key()).put("severity", notice.severity().word()).put("message", notice.message())
                .put("began_at", notice.beganAt().toString())
                .put("resolved_at", notice.resolvedAt().map(Object::toString).orElse(null))
                .put("occurrences", notice.occurrences());
        document.set("why", notice.why());
        return document;
    }

    /// `[MAJOR] Too hot: pump-1`
    static String subject(Delivery delivery) {
        var about = text(delivery.content(), "rule_name") + ": " + text(delivery.content(), "device_name");
        var severity = text(delivery.content(), "severity").toUpperCase(Locale.ROOT);
        return switch (delivery.event()) {
            case "test" -> "Test: " + text(delivery.content(), "message");
            case "resolved" -> "[RESOLVED] " + about;
            case "acknowledged" -> "[ACKNOWLEDGED] " + about;
            default -> "[" + severity + "] " + about + (delivery.step() == 0 ? "" : " (not acknowledged yet)");
        };
    }

    static String message(Delivery delivery) {
        return text(delivery.content(), "message");
    }

    /// What people want to know besides, in this order.
    static Map<String, String> facts(Delivery delivery) {
        var content = delivery.content();
        var facts = new LinkedHashMap<String, String>();
        if (delivery.event().equals("test")) return facts;
        facts.put("Device", text(content, "device_name"));
        facts.put("Rule", text(content, "rule_name") + ", version " + content.path("rule_version").asText());
        facts.put("Severity", text(content, "severity"));
        facts.put("Since", text(content, "began_at"));
        if (content.path("resolved_at").isTextual()) facts.put("Resolved", text(content, "resolved_at"));
        if (content.path("occurrences").asLong() > 1) facts.put("Occurrences", content.path("occurrences").asText());
        if (!text(content, "key").isEmpty()) facts.put("Key", text(content, "key"));
        facts.put("Alert", content.path("alert_id").asText());
        return facts;
    }

    static String plain(Delivery delivery) {
        var body = new StringBuilder(message(delivery)).append("\n\n");
        facts(delivery).forEach((name, value) -> body.append(name).append(": ").append(value).append('\n'));
        return body.toString();
    }

    static String html(Delivery delivery) {
        var body = new StringBuilder("<p>").append(escaped(message(delivery))).append("</p>\n<table>\n");
        facts(delivery).forEach((name, value) -> body.append("<tr><td>").append(escaped(name)).append("</td><td>")
                .append(escaped(value)).append("</td></tr>\n"));
        return body.append("</table>\n").toString();
    }

    /// One line: subject and message.
    static String brief(Delivery delivery) {
        return delivery.event().equals("begun") ? subject(delivery) + ": " + message(delivery) : subject(delivery);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /// Without line ends, control characters and what PostgreSQL does not keep.
    static String line(String text) {
        var line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            var isText = !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE
                    && c != 0x2028 && c != 0x2029;
            line.appendCodePoint(isText ? c : ' ');
        });
        return line.toString().strip();
    }

    /// Not between the halves of a character.
    static String cut(String text, int limit) {
        if (text.length() <= limit) return text;
        return text.substring(0, Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit);
    }

    private static String text(JsonNode content, String field) {
        return cut(line(content.path(field).asText("")), LONGEST);
    }
}
