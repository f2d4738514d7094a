package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.protocol.MetricName;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Input;
import io.iotflow.server.language.Vocabulary;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Reads a condition from a rule's document and refuses what it does not understand, by the field's path.
final class ConditionReader {
    private static final Map<String, DayOfWeek> DAYS = days();
    private static final Duration DAY = Duration.ofDays(1);

    private final RuleProgram.Parts parts;
    private final Duration window;
    private int conditions;

    /// @param window that `metrics.<name>.avg` and the like speak of in this rule
    ConditionReader(RuleProgram.Parts parts, Duration window) {
        this.parts = parts;
        this.window = window;
    }

    private static Map<String, DayOfWeek> days() {
        var days = new LinkedHashMap<String, DayOfWeek>();
        for (var day : DayOfWeek.values()) days.put(day.name().substring(0, 3).toLowerCase(Locale.ROOT), day);
        return days;
    }

    Condition read(String path, JsonNode node) {
        return read(path, node, 0);
    }

    private Condition read(String path, JsonNode node, int depth) {
        if (++conditions > Limits.RULE_CONDITIONS || depth > Limits.RULE_CONDITION_DEPTH) {
            throw PlatformException.invalid(path, "is one too many: a rule may have " + Limits.RULE_CONDITIONS
                    + " conditions in " + Limits.RULE_CONDITION_DEPTH + " levels; make it several rules");
        }
        if (node.isTextual()) return expression(path, node.textValue());
        var fields = Fields.of(path, node);
        var type = fields.requiredText("type", 50);
        var condition = switch (type) {
            case "threshold_high" -> threshold(fields, true);
            case "threshold_low" -> threshold(fields, false);
            case "metadata_check" -> new MetadataCheck(contains(fields));
            case "time_window" -> timeWindow(fields);
            case "absence" -> absence(fields);
            case "rate" -> rate(fields);
            case "statistical" -> statistical(fields);
            case "expression" -> expression(fields.path("expression"),
                    fields.requiredText("expression", Limits.EXPRESSION_CHARACTERS));
            case "geofence" -> GeofenceReader.read(fields, parts);
            case "movement" -> SecurityReader.movement(fields, parts);
            case "clock_skew" -> SecurityReader.clockSkew(fields, parts);
            case "credential_failures" -> SecurityReader.burst(fields, Signal.CREDENTIAL_REFUSED, parts);
            case "message_flood" -> SecurityReader.burst(fields, Signal.MESSAGE, parts);
            case "sequence" -> sequence(fields, depth);
            case "count" -> count(fields, depth);
            case "all" -> new All(several(fields, depth));
            case "any" -> new Any(several(fields, depth));
            case "not" -> new Not(read(fields.path("of"), fields.required("of"), depth + 1));
            default -> throw fields.refusal("type", "must be one of threshold_high, threshold_low, metadata_check, "
                    + "time_window, absence, rate, statistical, expression, geofence, movement, clock_skew, "
                    + "credential_failures, message_flood, sequence, count, all, any, not");
        };
        var hold = fields.duration("hold", Limits.RULE_WINDOW);
        fields.end();
        return hold.isPresent() ? new Held(condition, RuleProgram.micros(hold.get()), parts.slots(1)) : condition;
    }

    private int metric(Fields fields, String field) {
        var name = fields.requiredText(field, 128);
        if (!MetricName.isValid(name)) {
            throw fields.refusal(field, "is no name of a metric: 1 to 128 letters, digits and _ - . : /");
        }
        return parts.input(new Input.Metric(name));
    }

    private Condition threshold(Fields fields, boolean isHigh) {
        var input = metric(fields, "metric");
        var limit = fields.requiredNumber("threshold");
        var clear = fields.number("clear").orElse(limit);
        if (isHigh ? clear > limit : clear < limit) {
            throw fields.refusal("clear", "must not be " + (isHigh ? "above" : "below") + " the threshold: it is where"
                    + " the alert ends");
        }
        return new Threshold(input, isHigh, limit, clear, parts.slots(1));
    }

    private static JsonNode contains(Fields fields) {
        var contains = fields.required("contains");
        if (!contains.isObject() || contains.isEmpty()) {
            throw fields.refusal("contains", "must be an object with what the metadata shall have");
        }
        return contains;
    }

    private Condition timeWindow(Fields fields) {
        var named = fields.list("days", 7, (path, element) -> {
            var day = DAYS.get(element.asText());
            if (day == null) {
                throw PlatformException.invalid(path, "must be one of " + String.join(", ", DAYS.keySet()));
            }
            return day;
        });
        Set<DayOfWeek> days = named.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : EnumSet.copyOf(named);
        return new TimeWindow(days, time(fields, "from"), time(fields, "to"), zone(fields), parts.slots(3));
    }

    private static LocalTime time(Fields fields, String field) {
        try {
            return LocalTime.parse(fields.requiredText(field, 8));
        } catch (DateTimeException _) {
            throw fields.refusal(field, "must be a time of day such as 22:00");
        }
    }

    private static ZoneId zone(Fields fields) {
        try {
            return ZoneId.of(fields.text("zone", 64).orElse("UTC"));
        } catch (DateTimeException _) {
            throw fields.refusal("zone", "must be a time zone such as Europe/Berlin");
        }
    }

    private Condition absence(Fields fields) {
        var input = fields.find("metric").isPresent() ? metric(fields, "metric") : -1;
        parts.watchSilence();
        if (input < 0) parts.hearAll();
        return new Absence(input, RuleProgram.micros(fields.requiredDuration("for", Limits.RULE_WINDOW)));
    }

    private Condition rate(Fields fields) {
        var input = metric(fields, "metric");
        var name = ((Input.Metric) parts.inputs().get(input)).name();
        var per = RuleProgram.micros(fields.requiredDuration("per", Limits.RULE_WINDOW));
        var over = fields.duration("over", Limits.RULE_WINDOW);
        var above = fields.number("above");
        var below = fields.number("below");
        if (above.isEmpty() && below.isEmpty()) throw fields.refusal("above", "is missing, and so is below");
        return new Rate(input, over.map(it -> parts.input(new Input.Window(name, it))).orElse(-1), per,
                above.orElse(Double.POSITIVE_INFINITY), below.orElse(Double.NEGATIVE_INFINITY), parts.slots(1));
    }

    private Condition statistical(Fields fields) {
        var input = metric(fields, "metric");
        var name = ((Input.Metric) parts.inputs().get(input)).name();
        var sigma = fields.number("sigma").orElse(3.0);
        if (sigma <= 0) throw fields.refusal("sigma", "must be above zero");
        var over = fields.duration("window", Limits.RULE_WINDOW).orElse(DAY);
        var direction = fields.word("direction", Map.of("both", 3, "high", 1, "low", 2)).orElse(3);
        return new Statistical(input, parts.input(new Input.Window(name, over)), sigma, (direction & 1) != 0,
                (direction & 2) != 0, fields.whole("minimum", 30, 2, 1_000_000), parts.slots(1));
    }

    private Condition sequence(Fields fields, int depth) {
        var within = RuleProgram.micros(fields.requiredDuration("within", Limits.RULE_WINDOW));
        return new Sequence(read(fields.path("first"), fields.required("first"), depth + 1),
                read(fields.path("then"), fields.required("then"), depth + 1), within, fields.flag("absent", false),
                parts.slots(2));
    }

    private Condition count(Fields fields, int depth) {
        var within = RuleProgram.micros(fields.requiredDuration("within", Limits.RULE_WINDOW));
        fields.required("at_least");
        var atLeast = fields.whole("at_least", 1, 1, Limits.RULE_COUNT);
        return new Count(read(fields.path("of"), fields.required("of"), depth + 1), within, atLeast,
                parts.slots(1 + atLeast));
    }

    private List<Condition> several(Fields fields, int depth) {
        fields.required("of");
        var several = fields.list("of", Limits.RULE_CONDITIONS, (path, element) -> read(path, element, depth + 1));
        if (several.isEmpty()) throw fields.refusal("of", "must have at least one condition");
        return several;
    }

    private Condition expression(String path, String source) {
        var expression = compiled(path, source, Vocabulary.rule(window));
        parts.inside(path, expression.geofences());
        return new Expressed(expression, parts.inputs(expression.inputs()));
    }

    static Expression compiled(String path, String source, Vocabulary vocabulary) {
        try {
            return Expression.compile(source, vocabulary);
        } catch (ExpressionException e) {
            throw refusal(path, e);
        }
    }

    static PlatformException refusal(String path, ExpressionException e) {
        var errors = e.mistakes().stream().map(mistake -> mistake.in(path)).toList();
        return new PlatformException(ErrorCode.INVALID, path + ": " + errors.getFirst().detail(),
                errors);
    }
}
