package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Durations;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the fields of an object that somebody has sent. What is wrong is refused under the field's path.
///
/// @param path of the object itself; empty for the whole document
record SettingsFields(String path, JsonNode json) {

    static SettingsFields of(String path, JsonNode json) {
        if (!(json instanceof ObjectNode)) throw PlatformException.invalid(path, "must be an object");
        return new SettingsFields(path, json);
    }

    String name(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    PlatformException invalid(String field, String why) {
        return PlatformException.invalid(name(field), why);
    }

    void refuseOthers(String... known) {
        for (var field : (Iterable<String>) json::fieldNames) {
            if (!List.of(known).contains(field)) {
                throw invalid(field, "is not known here; there are " + String.join(", ", known));
            }
        }
    }

    /// Empty for what is absent, null or an empty text.
    Optional<String> optional(String field) {
        var value = json.path(field);
        if (value.isMissingNode() || value.isNull()) return Optional.empty();
        if (!value.isTextual()) throw invalid(field, "must be text");
        return value.textValue().isEmpty() ? Optional.empty() : Optional.of(checked(name(field), value.textValue()));
    }

    String text(String field) {
        return optional(field).orElseThrow(() -> invalid(field, "is missing"));
    }

    /// One line of text.
    Optional<String> line(String field) {
        var text = optional(field);
        if (text.isPresent() && text.get().chars().anyMatch(Character::isISOControl)) {
            throw invalid(field, "must have no control characters");
        }
        return text;
    }

    String oneOf(String field, String... words) {
        var word = text(field);
        if (!List.of(words).contains(word)) throw invalid(field, "must be " + String.join(", ", words));
        return word;
    }

    int whole(String field, int otherwise, int min, int max) {
        var value = json.path(field);
        if (value.isMissingNode() || value.isNull()) return otherwise;
        if (!value.canConvertToExactIntegral() || !value.canConvertToInt() || value.intValue() < min
                || value.intValue() > max) {
            throw invalid(field, "must be a whole number from " + min + " to " + max);
        }
        return value.intValue();
    }

    Optional<Duration> duration(String field, Duration most) {
        var text = optional(field);
        if (text.isEmpty()) return Optional.empty();
        try {
            var duration = Durations.parse(text.get());
            if (duration.compareTo(Duration.ofSeconds(1)) >= 0 && duration.compareTo(most) <= 0) {
                return Optional.of(duration);
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw invalid(field, "is no duration; write 30s, 5m, 24h or 7d");
        }
        throw invalid(field, "must be from 1s to " + Durations.text(most));
    }

    /// The items of an array, none if it is absent.
    List<JsonNode> items(String field, int most) {
        var array = json.path(field);
        if (array.isMissingNode() || array.isNull()) return List.of();
        if (!array.isArray()) throw invalid(field, "must be an array");
        if (array.size() > most) throw invalid(field, "may have at most " + most + " entries");
        return array.valueStream().toList();
    }

    List<String> lines(String field, int most) {
        var lines = new ArrayList<String>();
        for (var item : items(field, most)) {
            if (!item.isTextual() || item.textValue().isBlank()
                    || item.textValue().chars().anyMatch(Character::isISOControl)) {
                throw invalid(field, "must have nothing but lines of text");
            }
            lines.add(checked(name(field), item.textValue().strip()));
        }
        return List.copyOf(lines);
    }

    /// An object of texts.
    Map<String, String> texts(String field, int most) {
        var object = json.path(field);
        if (object.isMissingNode() || object.isNull()) return Map.of();
        if (!object.isObject()) throw invalid(field, "must be an object of names and texts");
        if (object.size() > most) throw invalid(field, "may have at most " + most + " entries");
        var texts = new LinkedHashMap<String, String>();
        for (var entry : object.properties()) {
            texts.put(entry.getKey(), SettingsFields.of(name(field), object).line(entry.getKey())
                    .orElseThrow(() -> invalid(field + "." + entry.getKey(), "must not be empty")));
        }
        return Map.copyOf(texts);
    }

    /// An address of HTTP.
    ///
    /// @param template what `{…}` in it is taken for when it is checked
    static URI url(String field, String text, String... template) {
        var filled = text;
        for (var word : template) filled = filled.replace(word, "x");
        try {
            var uri = new URI(filled);
            var isOne = ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null && uri.getUserInfo() == null && uri.getFragment() == null;
            if (isOne && text.length() <= Limits.CHANNEL_URL_CHARACTERS) return uri;
        } catch (URISyntaxException e) {
            // Said below: what is no URL and what is none of these get the same advice.
        }
        throw PlatformException.invalid(field, "must be a URL that begins with https:// or http://, with no user in it"
                + " and at most " + Limits.CHANNEL_URL_CHARACTERS + " characters");
    }

    private static String checked(String field, String text) {
        if (text.length() > Limits.CHANNEL_TEXT_CHARACTERS || !StorableText.accepts(text)) {
            throw PlatformException.invalid(field,
                    "must have at most " + Limits.CHANNEL_TEXT_CHARACTERS + " characters that can be kept");
        }
        return text;
    }
}
