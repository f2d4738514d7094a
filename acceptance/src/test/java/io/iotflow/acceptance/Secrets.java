package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What must stand in no log: the secrets and the names of people that went over the wire in this run, and whatever has
/// the form of one. [PackagedPlatform] shows it each body and asks it about each log.
final class Secrets {
    /// Fields of bodies whose texts are secret, or tell of a person.
    private static final Set<String> NAMES = Set.of("api_key", "key", "access_token", "refresh_token", "token",
            "password", "new_password", "secret", "totp", "recovery_codes", "username", "email");
    private static final int SHORTEST = 8;
    /// Our tokens begin with `iot`, a letter and `_`; a JWT begins with `eyJ`; a private key says that it is one.
    private static final Pattern FORM =
            Pattern.compile("\\biot[a-z]_[\\w-]{20,}|\\beyJ[\\w-]{10,}\\.[\\w-]+|BEGIN [A-Z ]*PRIVATE KEY");
    private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

    private Secrets() {}

    static void add(String secret) {
        if (secret.length() >= SHORTEST) KNOWN.add(secret);
    }

    /// Remembers those in a JSON body; any other body has none.
    static void addFrom(String body) {
        if (body == null || body.isEmpty() || body.charAt(0) != '{') return;
        try {
            addFrom(PackagedPlatform.JSON.readTree(body));
        } catch (IOException _) {
            // hostile input of a test
        }
    }

    private static void addFrom(JsonNode node) {
        node.properties().forEach(field -> {
            if (NAMES.contains(field.getKey())) texts(field.getValue()).forEach(Secrets::add);
            addFrom(field.getValue());
        });
        if (node.isArray()) node.forEach(Secrets::addFrom);
    }

    private static Stream<String> texts(JsonNode node) {
        if (node.isTextual()) return Stream.of(node.textValue());
        return node.isArray() ? node.valueStream().flatMap(Secrets::texts) : Stream.empty();
    }

    /// Says in which line one stands, but not which.
    static void requireNoneIn(String log) {
        assertThat(log.lines().filter(Secrets::isLeaking).map(Secrets::blackened).toList())
                .as("lines of the log with a secret or a person's name in them").isEmpty();
    }

    private static boolean isLeaking(String line) {
        return FORM.matcher(line).find() || KNOWN.stream().anyMatch(line::contains);
    }

    private static String blackened(String line) {
        var blackened = FORM.matcher(line).replaceAll("***");
        for (var secret : List.copyOf(KNOWN)) blackened = blackened.replace(secret, "***");
        return blackened;
    }
}
