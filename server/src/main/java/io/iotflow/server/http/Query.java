package io.iotflow.server.http;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.PlatformException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The query parameters of a request. A value that is not of the asked type is refused with the parameter's name;
/// an empty value counts as absent.
public final class Query {
    private final Map<String, List<String>> values;
    private final Instant now;

    private Query(Map<String, List<String>> values, Instant now) {
        this.values = values;
        this.now = now;
    }

    static Query parse(String raw, Instant now) {
        if (raw == null || raw.isEmpty()) return new Query(Map.of(), now);
        var values = new LinkedHashMap<String, List<String>>();
        var from = 0;
        while (from <= raw.length()) {
            var amp = raw.indexOf('&', from);
            var to = amp < 0 ? raw.length() : amp;
            var equals = raw.indexOf('=', from);
            if (to > from) {
                var nameEnd = equals < 0 || equals > to ? to : equals;
                var name = PathTree.decode(raw.substring(from, nameEnd), true);
                var value = nameEnd == to ? "" : PathTree.decode(raw.substring(nameEnd + 1, to), true);
                values.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
            }
            from = to + 1;
        }
        return new Query(values, now);
    }

    /// The first value.
    public Optional<String> text(String name) {
        var all = values.get(name);
        return all == null || all.getFirst().isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
    }

    /// The first value of whichever of these names is there: `metric`, `field`.
    public Optional<String> anyOf(String... names) {
        for (var name : names) {
            var value = text(name);
            if (value.isPresent()) return value;
        }
        return Optional.empty();
    }

    public int whole(String name, int otherwise, int min, int max) {
        return Math.toIntExact(whole(name, otherwise, (long) min, max));
    }

    public long whole(String name, long otherwise, long min, long max) {
        var text = text(name);
        if (text.isEmpty()) return otherwise;
        try {
            var number = Long.parseLong(text.get());
            if (number >= min && number <= max) return number;
        } catch (NumberFormatException e) {
            // Said below: a number that is none and one out of range get the same advice.
        }
        throw PlatformException.invalid(name, "must be a whole number from " + min + " to " + max);
    }

    /// `true`, `1`, `yes` and the bare name mean yes.
    public boolean flag(String name) {
        var all = values.get(name);
        if (all == null) return false;
        return switch (all.getFirst().toLowerCase(Locale.ROOT)) {
            case "", "true", "1", "yes" -> true;
            case "false", "0", "no" -> false;
            default -> throw PlatformException.invalid(name, "must be true or false");
        };
    }

    /// See [Timestamps#parse].
    public Optional<Instant> time(String name) {
        return text(name).map(text -> time(name, text, now));
    }

    /// @param field the name under which a mistake is reported
    public static Instant time(String field, String text, Instant now) {
        try {
            return Timestamps.parse(text, now);
        } catch (DateTimeException e) {
            throw PlatformException.invalid(field, e.getMessage());
        }
    }

    /// An enum's constant in lower case.
    public <E extends Enum<E>> E oneOf(String name, E otherwise) {
        var text = text(name);
        if (text.isEmpty()) return otherwise;
        var constants = otherwise.getDeclaringClass().getEnumConstants();
        for (var constant : constants) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text.get().toLowerCase(Locale.ROOT))) return constant;
        }
        var words = Arrays.stream(constants).map(c -> c.name().toLowerCase(Locale.ROOT)).toList();
        throw PlatformException.invalid(name, "must be one of " + String.join(", ", words));
    }

    /// Every value of the name, each split at commas, blanks dropped: `fields=a,b&fields=c`.
    public List<String> list(String name) {
        var all = values.get(name);
        if (all == null) return List.of();
        var items = new ArrayList<String>();
        for (var value : all) {
            for (var item : value.split(",")) {
                if (!item.isBlank()) items.add(item.strip());
            }
        }
        return List.copyOf(items);
    }

    /// The names that were sent.
    public java.util.Set<String> names() {
        return java.util.Collections.unmodifiableSet(values.keySet());
    }
}
