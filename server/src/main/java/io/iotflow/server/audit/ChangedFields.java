package io.iotflow.server.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.ledger.Json;
import io.iotflow.server.core.Limits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What an act has changed, as an entry holds it: canonical, without secrets, and bounded.
///
/// People choose the names of metadata and of configuration keys, so a name that speaks of a secret must not make an
/// act fail: its value is replaced by [#LEFT_OUT].
record ChangedFields(Json.Fields before, Json.Fields after) {
    static final String LEFT_OUT = "(left out)";
    private static final List<String> SECRETS = List.of("password", "passwd", "passphrase", "secret", "token", "apikey",
            "privatekey", "credential", "accesskey", "psk");

    static ChangedFields between(JsonNode before, JsonNode after) {
        return new ChangedFields(differing(before, after), differing(after, before));
    }

    private static Json.Fields differing(JsonNode document, JsonNode other) {
        var fields = new TreeMap<String, Json>();
        for (var field : document.properties()) {
            if (field.getValue().equals(other.get(field.getKey()))) continue;
            fields.put(cleaned(field.getKey()), bounded(json(field), Limits.AUDIT_VALUE_BYTES));
        }
        var all = new Json.Fields(fields);
        return bounded(all, Limits.AUDIT_DOCUMENT_BYTES) instanceof Json.Fields whole && whole.equals(all) ? all
                : new Json.Fields(Map.of("left_out", digest(all.canonical())));
    }

    private static Json bounded(Json value, int bytes) {
        var canonical = value.canonical();
        return canonical.length <= bytes ? value : digest(canonical);
    }

    /// Enough to prove later what the value was, to whoever has it.
    private static Json digest(byte[] canonical) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(canonical);
            return new Json.Fields(Map.of("bytes", new Json.Numeral(canonical.length),
                    "sha256", new Json.Text(HexFormat.of().formatHex(hash))));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every JDK has SHA-256", e);
        }
    }

    private static Json json(Map.Entry<String, JsonNode> field) {
        return speaksOfSecret(field.getKey()) ? new Json.Text(LEFT_OUT) : json(field.getValue());
    }

    private static boolean speaksOfSecret(String name) {
        var letters = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        return SECRETS.stream().anyMatch(letters::contains);
    }

    private static Json json(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                var fields = new TreeMap<String, Json>();
                for (var field : node.properties()) fields.put(cleaned(field.getKey()), json(field));
                yield new Json.Fields(fields);
            }
            case ARRAY -> new Json.Array(node.valueStream().map(ChangedFields::json).toList());
            case BOOLEAN -> new Json.Flag(node.booleanValue());
            case NUMBER -> number(node);
            case NULL, MISSING -> new Json.Null();
            case STRING, BINARY, POJO -> new Json.Text(cleaned(node.asText()));
        };
    }

    /// A number that canonical JSON cannot hold exactly is kept as text.
    private static Json number(JsonNode node) {
        try {
            return new Json.Numeral(node.doubleValue());
        } catch (IllegalArgumentException _) {
            return new Json.Text(node.asText());
        }
    }

    /// Without what neither PostgreSQL nor UTF-8 can hold.
    static String cleaned(String text) {
        var isClean = text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
        return isClean ? text : new String(text.replace('\0', '?').getBytes(StandardCharsets.UTF_8),
                StandardCharsets.UTF_8);
    }
}
