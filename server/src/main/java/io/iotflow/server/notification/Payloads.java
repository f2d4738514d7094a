package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// The bodies that programs get. `docs/reference/notifications.md` shows each.
final class Payloads {
    /// What Slack takes.
    private static final int SLACK_HEADER = 150;
    private static final int SLACK_TEXT = 2_000;
    private static final String CARD = "application/vnd.microsoft.card.adaptive";

    private Payloads() {}

    static ObjectNode json(Delivery delivery) {
        var body = Json.mapper().createObjectNode().put("id", delivery.messageId())
                .put("type", "alert." + delivery.event()).put("timestamp", delivery.createdAt().toString())
                .put("escalation", delivery.step());
        body.set("data", delivery.content());
        return body;
    }

    /// CloudEvents 1.0, structured.
    static ObjectNode cloudEvent(Delivery delivery) {
        var content = delivery.content();
        var body = Json.mapper().createObjectNode().put("specversion", "1.0").put("id", delivery.messageId())
                .put("source", "/iotflow/organizations/" + delivery.organization().id())
                .put("type", "io.iotflow.alert." + delivery.event());
        if (content.has("device_id")) body.put("subject", "devices/" + content.path("device_id").asText());
        body.put("time", delivery.createdAt().toString()).put("datacontenttype", "application/json");
        body.set("data", content);
        return body;
    }

    /// Only `text`, which notifications and other chats show, is markup; the rest is plain.
    static ObjectNode slack(Delivery delivery) {
        var body = Json.mapper().createObjectNode().put("text", Texts.brief(delivery).replace("&", "&amp;")
                .replace("<", "&lt;").replace(">", "&gt;"));
        var blocks = body.putArray("blocks");
        plain(blocks.addObject().put("type", "header").putObject("text"), Texts.subject(delivery), SLACK_HEADER);
        var message = Texts.message(delivery);
        // Slack refuses an empty one, and all with it.
        if (!message.isEmpty()) {
            plain(blocks.addObject().put("type", "section").putObject("text"), message, SLACK_TEXT);
        }
        var facts = new StringBuilder();
        Texts.facts(delivery).forEach((name, value) -> facts.append(facts.isEmpty() ? "" : " · ").append(name)
                .append(' ').append(value));
        if (!facts.isEmpty()) {
            plain(blocks.addObject().put("type", "context").putArray("elements").addObject(), facts.toString(),
                    SLACK_TEXT);
        }
        return body;
    }

    private static void plain(ObjectNode to, String text, int most) {
        to.put("type", "plain_text").put("text", Texts.cut(text, most)).put("emoji", false);
    }

    static ObjectNode teams(Delivery delivery) {
        var body = Json.mapper().createObjectNode().put("type", "message");
        var attachment = body.putArray("attachments").addObject().put("contentType", CARD);
        var card = attachment.putObject("content").put("type", "AdaptiveCard").put("version", "1.4")
                .put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        var items = card.putArray("body");
        items.addObject().put("type", "TextBlock").put("text", unmarked(Texts.subject(delivery)))
                .put("weight", "Bolder").put("size", "Medium").put("wrap", true);
        items.addObject().put("type", "TextBlock").put("text", unmarked(Texts.message(delivery))).put("wrap", true);
        var facts = items.addObject().put("type", "FactSet").putArray("facts");
        Texts.facts(delivery).forEach((name, value) -> facts.addObject().put("title", name)
                .put("value", unmarked(value)));
        return body;
    }

    /// Cards read Markdown; a device's text is to be none.
    private static String unmarked(String text) {
        return text.replaceAll("([\\\\\\[\\]()*_`#~])", "\\\\$1");
    }

    /// A template with the number and the text in it, as its content type needs them.
    static String filled(String template, String contentType, String to, String text) {
        return switch (contentType) {
            case "application/json" -> filled(template, jsonText(to), jsonText(text));
            case "application/x-www-form-urlencoded" -> filled(template, encoded(to), encoded(text));
            default -> filled(template, to, text);
        };
    }

    /// In one pass: what is filled in is not searched again.
    private static String filled(String template, String to, String text) {
        var filled = new StringBuilder();
        for (var at = 0; at < template.length(); ) {
            if (template.startsWith("{to}", at)) {
                filled.append(to);
                at += 4;
            } else if (template.startsWith("{text}", at)) {
                filled.append(text);
                at += 6;
            } else filled.append(template.charAt(at++));
        }
        return filled.toString();
    }

    private static String jsonText(String text) {
        var quoted = Json.mapper().getNodeFactory().textNode(text).toString();
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
