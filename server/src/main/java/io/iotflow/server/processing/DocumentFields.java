package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.protocol.MetricName;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Vocabulary;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Reads one object of a document strictly. What is wrong is gathered, so that all of it can be told at once; a field
/// that is wrong reads as if it were absent.
final class DocumentFields {
    private static final int LONGEST_SUFFIX = Work.QUALITY.length();

    private final JsonNode object;
    private final String path;
    private final List<FieldError> errors;
    private final Set<String> known = new TreeSet<>();

    private DocumentFields(JsonNode object, String path, List<FieldError> errors) {
        this.object = object;
        this.path = path;
        this.errors = errors;
        if (!object.isObject()) errors.add(new FieldError(path, "must be a JSON object"));
    }

    /// A document of its own.
    static DocumentFields of(JsonNode document) {
        if (!document.isObject()) throw PlatformException.malformed("The body must be a JSON object.");
        return new DocumentFields(document, "", new ArrayList<>());
    }

    /// An object within it, whose faults are gathered with the document's.
    DocumentFields inside(String name, JsonNode node) {
        return new DocumentFields(node, at(name), errors);
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    void wrong(String name, String detail) {
        errors.add(new FieldError(at(name), detail));
    }

    /// Null when it is absent.
    JsonNode node(String name) {
        known.add(name);
        var node = object.get(name);
        return node == null || node.isNull() ? null : node;
    }

    /// What the platform writes itself, and does not read.
    void ignore(String... names) {
        known.addAll(List.of(names));
    }

    /// Null when it is absent or wrong.
    String text(String name, int limit) {
        var node = node(name);
        if (node == null) return null;
        if (!node.isTextual()) wrong(name, "must be text");
        else if (node.textValue().length() > limit) wrong(name, "must have at most " + limit + " characters");
        else if (!StorableText.accepts(node.textValue())
                || node.textValue().chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
            wrong(name, "must not have control characters or broken Unicode");
        } else return node.textValue();
        return null;
    }

    /// The same; an absent one is wrong.
    String required(String name, int limit) {
        if (node(name) == null) wrong(name, "is missing");
        return text(name, limit);
    }

    /// A name that a device may send.
    String metric(String name, boolean isOptional) {
        var text = isOptional ? text(name, TelemetryLimits.METRIC_NAME) : required(name, TelemetryLimits.METRIC_NAME);
        if (text == null || MetricName.isValid(text)) return text;
        wrong(name, MetricName.RULE);
        return null;
    }

    /// A name that a rule writes, beside which the raw value and the quality can stand.
    String writtenMetric(String name) {
        var text = metric(name, false);
        if (text == null) return null;
        var longest = TelemetryLimits.METRIC_NAME - LONGEST_SUFFIX;
        if (text.length() > longest) {
            wrong(name, "must have at most " + longest + " characters, so that " + Work.QUALITY + " can follow");
        } else if (text.endsWith(Work.RAW) || text.endsWith(Work.QUALITY)) {
            wrong(name, "must not end with " + Work.RAW + " or " + Work.QUALITY + ", which the platform writes");
        } else return text;
        return null;
    }

    /// Null when it is absent or wrong.
    Expression expression(String name, Vocabulary vocabulary, boolean isOptional) {
        var node = node(name);
        if (node == null || !node.isTextual()) {
            if (node != null || !isOptional) wrong(name, node == null ? "is missing" : "must be text");
            return null;
        }
        try {
            if (StorableText.accepts(node.textValue())) return Expression.compile(node.textValue(), vocabulary);
            wrong(name, "must not have the character 0 or broken Unicode");
        } catch (ExpressionException e) {
            e.mistakes().forEach(mistake -> errors.add(mistake.in(at(name))));
        }
        return null;
    }

    /// NaN when it is wrong.
    double number(String name, double otherwise) {
        var node = node(name);
        if (node == null) return otherwise;
        if (node.isNumber() && Double.isFinite(node.doubleValue())) return node.doubleValue();
        wrong(name, "must be a number");
        return Double.NaN;
    }

    double number(String name) {
        if (node(name) == null) wrong(name, "is missing");
        return number(name, Double.NaN);
    }

    int whole(String name, int otherwise, int least, int most) {
        var node = node(name);
        if (node == null) return otherwise;
        if (node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= least && node.intValue() <= most) {
            return node.intValue();
        }
        wrong(name, "must be a whole number from " + least + " to " + most);
        return otherwise;
    }

    boolean flag(String name, boolean otherwise) {
        var node = node(name);
        if (node == null) return otherwise;
        if (!node.isBoolean()) wrong(name, "must be true or false");
        return node.asBoolean(otherwise);
    }

    /// The first word is what an absent field means; the answer when it is wrong.
    String word(String name, String... words) {
        var node = node(name);
        if (node == null) return words[0];
        for (var word : words) if (node.isTextual() && node.textValue().equals(word)) return word;
        wrong(name, "must be " + String.join(" or ", words));
        return words[0];
    }

    /// Empty when it is absent or wrong.
    Set<String> texts(String name, int count, int characters) {
        var node = node(name);
        if (node == null) return Set.of();
        var texts = new LinkedHashSet<String>();
        if (node.isArray() && node.size() <= count) {
            for (var item : node) {
                if (!item.isTextual() || item.textValue().isEmpty() || item.textValue().length() > characters
                        || !StorableText.accepts(item.textValue())) {
                    wrong(name, "must have texts of 1 to " + characters + " characters");
                    return Set.of();
                }
                texts.add(item.textValue());
            }
            return texts;
        }
        wrong(name, "must be a list of at most " + count + " texts");
        return Set.of();
    }

    /// Call it when all fields were asked for.
    void refuseUnknown() {
        if (!object.isObject()) return;
        object.fieldNames().forEachRemaining(name -> {
            if (known.contains(name)) return;
            var shown = name.length() <= 40 ? name : name.substring(0, 40) + "…";
            wrong(shown, "is no field here; there are " + String.join(", ", known));
        });
    }

    boolean isGood() {
        return errors.isEmpty();
    }

    /// @throws PlatformException `INVALID` with everything that was wrong
    void refuseWrong() {
        if (errors.isEmpty()) return;
        throw new PlatformException(ErrorCode.INVALID, errors.getFirst().field() + " " + errors.getFirst().detail(),
                errors);
    }
}
