package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Where a channel leads, its secrets included.
sealed interface ChannelSettings {

    /// Mail through an SMTP server.
    record Email(String host, int port, Security security, Optional<String> username, Optional<String> password,
                 String from, List<String> to) implements ChannelSettings {
        enum Security { NONE, STARTTLS, TLS }
    }

    /// Calls a URL.
    ///
    /// @param secret  what signs each call
    /// @param headers sent along, such as `Authorization`
    record Webhook(URI url, Form form, Optional<String> secret, Map<String, String> headers)
            implements ChannelSettings {
        enum Form { JSON, CLOUDEVENTS }

        /// The key of the signature: what stands behind `whsec_` in Base64, or the text itself.
        static byte[] key(String secret) {
            return secret.startsWith("whsec_") ? Base64.getDecoder().decode(secret.substring(6))
                    : secret.getBytes(StandardCharsets.UTF_8);
        }
    }

    /// A chat's incoming webhook, whose URL is the secret.
    record Chat(Form form, URI url) implements ChannelSettings {
        enum Form { SLACK, TEAMS }
    }

    /// A gateway that makes text messages of HTTP calls.
    ///
    /// @param url  may have `{to}` and `{text}` in it
    /// @param body likewise; empty for none
    record Sms(String url, String method, String contentType, String body, String to, Map<String, String> headers)
            implements ChannelSettings {}

    /// The platform's own broker.
    ///
    /// @param topic what follows `iotflow/alerts/{organization}/`
    record Mqtt(String topic) implements ChannelSettings {
        static final Pattern FORM = Pattern.compile("[A-Za-z0-9_.-]{1,64}(/[A-Za-z0-9_.-]{1,64}){0,7}");
    }

    /// The list that the dashboard shows.
    record InApp() implements ChannelSettings {}

    /// The kind's word.
    static List<String> kinds() {
        return List.of("email", "webhook", "chat", "sms", "mqtt", "in_app");
    }

    /// The fields of a kind that are sealed and never shown.
    static Set<String> secrets(String kind) {
        return switch (kind) {
            case "email" -> Set.of("password");
            case "webhook" -> Set.of("secret", "headers");
            case "chat" -> Set.of("url");
            case "sms" -> Set.of("headers");
            default -> Set.of();
        };
    }

    /// The fields of a kind that say to whom the secrets are shown.
    static Set<String> places(String kind) {
        return switch (kind) {
            case "email" -> Set.of("host", "port", "security");
            case "webhook", "sms" -> Set.of("url");
            default -> Set.of();
        };
    }

    /// @param json shown fields and secrets together
    /// @throws io.iotflow.server.core.PlatformException `INVALID`, naming the field below `settings`
    static ChannelSettings of(String kind, ObjectNode json) {
        var fields = SettingsFields.of("settings", json);
        return switch (kind) {
            case "email" -> email(fields);
            case "webhook" -> webhook(fields);
            case "chat" -> {
                fields.refuseOthers("form", "url");
                yield new Chat(Chat.Form.valueOf(word(fields, "form", "slack", "teams")),
                        SettingsFields.url("settings.url", fields.text("url")));
            }
            case "sms" -> sms(fields);
            case "mqtt" -> {
                fields.refuseOthers("topic");
                var topic = fields.text("topic");
                if (!Mqtt.FORM.matcher(topic).matches()) {
                    throw fields.invalid("topic", "must be up to 8 parts of letters, digits, _ . and -, with / between"
                            + " them; iotflow/alerts/ and the organization's number come before it");
                }
                yield new Mqtt(topic);
            }
            default -> {
                fields.refuseOthers();
                yield new InApp();
            }
        };
    }

    private static Email email(SettingsFields fields) {
        fields.refuseOthers("host", "port", "security", "username", "password", "from", "to");
        var host = fields.line("host").orElseThrow(() -> fields.invalid("host", "is missing"));
        if (!host.matches("[A-Za-z0-9.:_-]{1,253}")) throw fields.invalid("host", "must be a host's name or address");
        var security = Email.Security.valueOf(word(fields, "security", "none", "starttls", "tls"));
        var to = fields.lines("to", Limits.CHANNEL_RECIPIENTS);
        if (to.isEmpty()) throw fields.invalid("to", "must name at least one address");
        to.forEach(address -> MailAddress.check("settings.to", address));
        var from = fields.line("from").orElseThrow(() -> fields.invalid("from", "is missing"));
        MailAddress.check("settings.from", from);
        var username = fields.line("username");
        var password = fields.line("password");
        if (username.isPresent() != password.isPresent()) {
            throw fields.invalid(username.isPresent() ? "password" : "username", "is missing; there are both or none");
        }
        if (username.isPresent() && security == Email.Security.NONE) {
            throw fields.invalid("security", "must be starttls or tls where there is a password");
        }
        var port = fields.whole("port", switch (security) {
            case NONE -> 25;
            case STARTTLS -> 587;
            case TLS -> 465;
        }, 1, 65_535);
        return new Email(host, port, security, username, password, from, to);
    }

    private static Webhook webhook(SettingsFields fields) {
        fields.refuseOthers("url", "form", "secret", "headers");
        var form = fields.json().path("form").isMissingNode() ? Webhook.Form.JSON
                : Webhook.Form.valueOf(word(fields, "form", "json", "cloudevents"));
        var secret = fields.line("secret");
        secret.ifPresent(text -> {
            try {
                var length = Webhook.key(text).length;
                if (length >= 16 && length <= 64) return;
            } catch (IllegalArgumentException e) {
                // Said below.
            }
            throw fields.invalid("secret", "must be whsec_ and 16 to 64 bytes in Base64, or 16 to 64 characters");
        });
        return new Webhook(SettingsFields.url("settings.url", fields.text("url")), form, secret, headers(fields));
    }

    private static Sms sms(SettingsFields fields) {
        fields.refuseOthers("url", "method", "content_type", "body", "to", "headers");
        var url = fields.text("url");
        SettingsFields.url("settings.url", url, "{to}", "{text}");
        if (url.indexOf('{') >= 0 && url.indexOf('{') < url.indexOf('/', url.indexOf("//") + 2)) {
            throw fields.invalid("url", "may have {to} and {text} behind the host only");
        }
        var method = fields.oneOf("method", "POST", "PUT", "GET");
        var type = fields.optional("content_type").isEmpty() ? "application/json" : fields.oneOf("content_type",
                "application/json", "application/x-www-form-urlencoded", "text/plain");
        var body = fields.optional("body").orElse("");
        if (method.equals("GET") != body.isEmpty()) {
            throw fields.invalid("body", method.equals("GET") ? "must be left out with GET" : "is missing");
        }
        if (!(url + body).contains("{text}")) throw fields.invalid("body", "must have {text} in it");
        var to = fields.line("to").orElseThrow(() -> fields.invalid("to", "is missing"));
        return new Sms(url, method, type, body, to, headers(fields));
    }

    private static Map<String, String> headers(SettingsFields fields) {
        var headers = fields.texts("headers", Limits.CHANNEL_HEADERS);
        for (var name : headers.keySet()) {
            if (!name.matches("[A-Za-z0-9-]{1,64}") || name.matches("(?i)host|content-.*|transfer-.*|connection"
                    + "|upgrade|te|trailer|expect|webhook-.*")) {
                throw fields.invalid("headers." + name, "is not a header that may be set");
            }
        }
        return headers;
    }

    private static String word(SettingsFields fields, String field, String... words) {
        return fields.oneOf(field, words).toUpperCase(Locale.ROOT);
    }

    /// What of the fields is shown, or what of them is sealed.
    static ObjectNode part(String kind, ObjectNode json, boolean isSecret) {
        var part = JsonNodeFactory.instance.objectNode();
        for (var field : json.properties()) {
            if (secrets(kind).contains(field.getKey()) == isSecret && !isNothing(field.getValue())) {
                part.set(field.getKey(), field.getValue());
            }
        }
        return part;
    }

    private static boolean isNothing(com.fasterxml.jackson.databind.JsonNode value) {
        return value.isNull() || value.isTextual() && value.textValue().isEmpty()
                || (value.isObject() || value.isArray()) && value.isEmpty();
    }
}
