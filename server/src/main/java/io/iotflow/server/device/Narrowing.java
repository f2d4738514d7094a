package io.iotflow.server.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Json;
import io.iotflow.server.language.Outline;
import io.iotflow.server.language.Outline.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.SqlStatement;

/// A condition in SQL that lets through at least what a filter accepts; the filter has the last word on what is left.
///
/// @param condition over the columns of `devices`
/// @param isExact   whether it lets through nothing else
record Narrowing(String condition, Map<String, Object> values, boolean isExact) {
    static final Narrowing NONE = new Narrowing("TRUE", Map.of(), true);
    /// So many comparisons PostgreSQL is given; what is left is the filter's.
    private static final int MOST = 100;
    /// Of the values that a number in metadata is compared with: up to here they are the same in both worlds.
    private static final double LARGEST = 0x1p53;

    void bind(SqlStatement<?> statement) {
        values.forEach((name, value) -> {
            if (value instanceof String[] names) statement.bindArray(name, String.class, (Object[]) names);
            else statement.bind(name, value);
        });
    }

    /// What all of them accept.
    static Narrowing of(List<DeviceFilter> filters) {
        if (filters.isEmpty()) return NONE;
        var writer = new Writer();
        var condition = filters.stream().map(filter -> writer.sql(filter.expression().outline(), true, true))
                .collect(Collectors.joining(" AND "));
        return new Narrowing(condition, writer.values, writer.isExact);
    }

    /// Writes two kinds of conditions: such as hold wherever the outline does, and, where that is turned round by a
    /// `!`, such as hold only where it does. Neither matters where evaluating throws, for then nothing is accepted.
    private static final class Writer {
        private final Map<String, Object> values = new LinkedHashMap<>();
        private boolean isExact = true;

        /// @param isWide     whether to let through too much where it cannot be told
        /// @param isDecisive whether nothing is accepted if this does not hold, so that it may throw as well
        String sql(Outline outline, boolean isWide, boolean isDecisive) {
            return switch (outline) {
                case Outline.Unknown _ -> unknown(isWide);
                case Outline.And(var parts) -> joined(parts, " AND ", isWide, isDecisive);
                case Outline.Or(var parts) -> joined(parts, " OR ", isWide, false);
                case Outline.Not(var part) -> "NOT " + sql(part, !isWide, false);
                case Outline.Truth(var path) -> atom(path, isWide, isDecisive, this::truth);
                // Where something on the way is missing this holds, and the expression throws.
                case Outline.Nothing(var path) -> atom(path, isWide, false, this::nothing);
                case Outline.Same(var path, var literal) -> same(path, literal, isWide, isDecisive);
                case Outline.Compared(var path, var order, var literal) ->
                        atom(path, isWide, isDecisive, column -> compared(column, order, literal, isWide));
                case Outline.Includes(var path, var part) ->
                        atom(path, isWide, isDecisive, column -> includes(column, part));
                case Outline.Begins(var path, var part) ->
                        atom(path, isWide, isDecisive, column -> begins(column, part));
            };
        }

        private String joined(List<Outline> parts, String word, boolean isWide, boolean isDecisive) {
            return parts.stream().map(part -> sql(part, isWide, isDecisive))
                    .collect(Collectors.joining(word, "(", ")"));
        }

        private String unknown(boolean isWide) {
            isExact = false;
            return isWide ? "TRUE" : "FALSE";
        }

        /// Says how something that is read is held against a literal; null where the database cannot say it.
        @FunctionalInterface
        private interface Test {
            String of(Place place);
        }

        private String atom(Path path, boolean isWide, boolean isDecisive, Test test) {
            var place = values.size() < MOST ? place(path) : null;
            var sql = place == null ? null : test.of(place);
            if (sql == null) return unknown(isWide);
            if (path.throwsIfMissing() && !isDecisive) isExact = false;
            return "coalesce(" + sql + ", FALSE)";
        }

        /// Where nothing else is accepted, what is marked is all that need be looked at.
        private String same(Path path, Object literal, boolean isWide, boolean isDecisive) {
            var whole = atom(path, isWide, isDecisive, place -> same(place, literal));
            var json = isDecisive && values.size() < MOST && place(path) instanceof Member ? json(literal) : null;
            if (json == null) return whole;
            return "id IN (SELECT device_id FROM device_marks WHERE mark = metadata_mark("
                    + bound(((Member) place(path)).names().toArray(String[]::new)) + ", " + bound(json.toString())
                    + "::jsonb)) AND " + whole;
        }

        /// Null for what the database does not have in this form.
        private Place place(Path path) {
            var rest = path.rest();
            return switch (path.root()) {
                case "device" -> rest.size() == 1 ? Column.of(rest.getFirst()) : null;
                case "metadata" -> metadata(rest);
                case "tags" -> {
                    var inMetadata = new ArrayList<>(rest);
                    inMetadata.addFirst("tags");
                    yield metadata(inMetadata);
                }
                default -> null;
            };
        }

        /// Further in, texts and arrays have members too, which JSON in the database has not, or has others. What is
        /// sealed has no members at all.
        private static Place metadata(List<String> names) {
            for (var name : names) {
                if (!StorableText.accepts(name) || name.equals("$sealed")) return null;
            }
            for (var name : names.subList(1, names.size())) {
                if (name.equals("length") || name.matches("-?[0-9]+")) return null;
            }
            return new Member(List.copyOf(names));
        }

        private String truth(Place place) {
            return switch (place) {
                case Column(var sql, var isText) -> isText ? sql + " <> ''" : sql + " <> 0";
                case Member(var names) -> value(names) + " NOT IN ('null', 'false', '0', '\"\"')";
            };
        }

        private String nothing(Place place) {
            return switch (place) {
                case Column _ -> "FALSE";
                case Member(var names) -> "coalesce(" + value(names) + " = 'null', TRUE)";
            };
        }

        private String same(Place place, Object literal) {
            return switch (place) {
                case Column(var sql, var isText) -> isText == literal instanceof String
                        && literal instanceof String text && StorableText.accepts(text)
                        || !isText && literal instanceof Double
                        ? sql + " = " + bound(literal) : null;
                case Member(var names) -> {
                    var json = json(literal);
                    yield json == null ? null : contained(names, json);
                }
            };
        }

        private String compared(Place place, Outline.Order order, Object literal, boolean isWide) {
            var sign = switch (order) {
                case BELOW -> " < ";
                case AT_MOST -> " <= ";
                case ABOVE -> " > ";
                case AT_LEAST -> " >= ";
            };
            return switch (place) {
                case Column(var sql, var isText) when isText -> literal instanceof String text && isAscii(text)
                        ? sql + " COLLATE \"C\"" + sign + bound(text) : null;
                case Column(var sql, _) -> literal instanceof Double number ? sql + sign + bound(number) : null;
                case Member(var names) -> {
                    if (!(literal instanceof Double number) || json(number) == null) yield null;
                    isExact = false;
                    var value = value(names);
                    // Texts, truths and null become numbers in ways of their own.
                    yield "CASE jsonb_typeof(" + value + ") WHEN 'number' THEN " + value + "::numeric" + sign
                            + bound(number) + "::numeric WHEN 'array' THEN FALSE WHEN 'object' THEN FALSE ELSE "
                            + (isWide ? value + " IS NOT NULL" : "FALSE") + " END";
                }
            };
        }

        private String includes(Place place, String part) {
            if (!StorableText.accepts(part)) return null;
            isExact = false; // It throws where the text is too long, or is none.
            return switch (place) {
                case Column(var sql, var isText) -> isText ? "strpos(" + sql + ", " + bound(part) + ") > 0" : null;
                case Member(var names) -> {
                    var value = value(names);
                    yield "CASE jsonb_typeof(" + value + ") WHEN 'array' THEN " + value + " @> "
                            + bound(array(part)) + "::jsonb WHEN 'string' THEN strpos(" + value + " #>> '{}', "
                            + bound(part) + ") > 0 ELSE FALSE END";
                }
            };
        }

        private String begins(Place place, String part) {
            if (!StorableText.accepts(part)) return null;
            isExact = false;
            return switch (place) {
                case Column(var sql, var isText) -> isText ? "starts_with(" + sql + ", " + bound(part) + ")" : null;
                case Member(var names) -> "jsonb_typeof(" + value(names) + ") = 'string' AND starts_with("
                        + value(names) + " #>> '{}', " + bound(part) + ")";
            };
        }

        private String value(List<String> names) {
            return "metadata_at(metadata, " + bound(names.toArray(String[]::new)) + ")";
        }

        private String contained(List<String> names, JsonNode scalar) {
            var inside = scalar;
            for (var name : names.reversed()) inside = JsonNodeFactory.instance.objectNode().set(name, inside);
            return "metadata @> " + bound(inside.toString()) + "::jsonb";
        }

        private String bound(Object value) {
            var name = "f" + values.size();
            values.put(name, value);
            return ":" + name;
        }

        private static String array(String element) {
            return JsonNodeFactory.instance.arrayNode().add(element).toString();
        }

        /// The same value as the database has it; null if that may be another.
        private static JsonNode json(Object literal) {
            return switch (literal) {
                case String text -> StorableText.accepts(text) ? JsonNodeFactory.instance.textNode(text) : null;
                case Boolean truth -> JsonNodeFactory.instance.booleanNode(truth);
                case Double number -> Math.abs(number) < LARGEST ? number(number) : null;
                default -> null;
            };
        }

        private static JsonNode number(double number) {
            try {
                return Json.mapper().readTree(Double.toString(number));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("BUG: a number that is not JSON", e);
            }
        }

        private static boolean isAscii(String text) {
            return text.chars().allMatch(c -> c > 0 && c < 128);
        }
    }

    /// Where something is read.
    private sealed interface Place {}

    private record Member(List<String> names) implements Place {}

    /// @param sql never null
    private record Column(String sql, boolean isText) implements Place {
        private static Column of(String field) {
            return switch (field) {
                case "name", "description", "location", "firmware_version", "hardware_version", "user_id", "status",
                     "device_type" -> new Column(field, true);
                case "type" -> new Column("device_type", true);
                case "id" -> new Column("id", false);
                case "created_at", "updated_at" ->
                        new Column("floor(extract(epoch FROM " + field + ") * 1000)", false);
                default -> null;
            };
        }
    }
}
