package io.iotflow.server.language;

import io.iotflow.server.language.Readings.Statistic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.StringLiteral;

/// Compiles names and what is reached from them by dots, brackets and calls.
final class Names {
    static final Map<String, Statistic> STATISTICS = Map.of("avg", Statistic.MEAN, "std", Statistic.DEVIATION,
            "min", Statistic.MIN, "max", Statistic.MAX, "count", Statistic.COUNT);

    private final Compiler compiler;
    private final Vocabulary vocabulary;

    Names(Compiler compiler) {
        this.compiler = compiler;
        this.vocabulary = compiler.vocabulary;
    }

    /// A whole chain such as `metadata.limits?.high`.
    Code chain(AstNode node) {
        var code = link(node);
        for (var each = node; each != null; each = inner(each)) {
            if (isOptional(each)) return new Members.ChainEnd(code);
        }
        return code;
    }

    /// A part of a chain, from its beginning.
    Code link(AstNode node) {
        return switch (node) {
            case Name name -> name(name);
            case PropertyGet get -> {
                var reading = reading(get);
                if (reading != null) yield reading;
                var name = get.getProperty().getIdentifier();
                if (Vocabulary.isForbidden(name)) {
                    yield compiler.refuse(get.getProperty(), name + " cannot be read.", "Read another field.");
                }
                yield new Members.Property(next(get.getTarget()), name, isOptional(get));
            }
            case ElementGet get -> {
                var reading = reading(get);
                if (reading != null) yield reading;
                yield new Members.Element(next(get.getTarget()), compiler.expression(get.getElement()),
                        isOptional(get));
            }
            case FunctionCall call -> compiler.call(call);
            default -> compiler.expression(node);
        };
    }

    Code next(AstNode inner) {
        var isLink = inner instanceof Name || inner instanceof PropertyGet || inner instanceof ElementGet
                || inner.getClass() == FunctionCall.class;
        if (!isLink) return compiler.expression(inner);
        return compiler.count(inner) ? compiler.deeper(inner, this::link) : Compiler.NOTHING;
    }

    /// Whether `?.` stands before this link itself; the parser says it of all links that follow as well.
    boolean isOptional(AstNode node) {
        var isMarked = node instanceof FunctionCall call ? call.isOptionalCall() : node.getType() == Token.QUESTION_DOT;
        if (!isMarked) return false;
        return node instanceof PropertyGet get ? compiler.sourceBefore(get.getProperty()).endsWith("?.")
                : compiler.sourceAfter(inner(node)).startsWith("?.");
    }

    private static AstNode inner(AstNode node) {
        return switch (node) {
            case PropertyGet get -> get.getTarget();
            case ElementGet get -> get.getTarget();
            case FunctionCall call -> call.getTarget();
            default -> null;
        };
    }

    /// What stands outside the expression, if the chain up to here names one such thing; otherwise null.
    private Code reading(AstNode node) {
        var path = path(node);
        if (path.size() < 2 || compiler.scope().find(path.getFirst()) != null) return null;
        var root = path.getFirst();
        var last = path.getLast();
        if (root.equals("metrics") && vocabulary.hasMetrics()) {
            return path.size() < 3 ? null : ofMetric(node, String.join(".", path.subList(1, path.size() - 1)), last);
        }
        if (root.equals("device") && path.size() == 2) return device(node, last);
        if (root.equals("Math") && path.size() == 2) return MathFunctions.constant(compiler, node, last);
        if (vocabulary.isReserved(root) || !vocabulary.hasMetrics() || last.equals("length")) return null;
        for (var each = node; each != null; each = inner(each)) {
            if (each instanceof ElementGet || isOptional(each)) return null;
        }
        for (var part : path) if (Vocabulary.isForbidden(part)) return forbidden(node, part);
        return metric(String.join(".", path));
    }

    private Code forbidden(AstNode node, String name) {
        return compiler.refuse(node, name + " is not part of the language.",
                "A metric of this name is read by metrics['" + name + "'].value.");
    }

    /// The names of a chain that computes nothing; empty if it does.
    static List<String> path(AstNode node) {
        Deque<String> path = new ArrayDeque<>();
        for (var each = node; each != null; each = inner(each)) {
            switch (each) {
                case Name name -> path.push(name.getIdentifier());
                case PropertyGet get -> path.push(get.getProperty().getIdentifier());
                case ElementGet get when get.getElement() instanceof StringLiteral text -> path.push(text.getValue());
                default -> {
                    return Collections.emptyList();
                }
            }
        }
        return new ArrayList<>(path);
    }

    private Code ofMetric(AstNode node, String metric, String statistic) {
        if (statistic.equals("value")) return metric(metric);
        var known = STATISTICS.get(statistic);
        if (known == null) return null;
        if (vocabulary.window() == null) return compiler.refuse(node, vocabulary.noWindows(), "Read " + metric + ".");
        var window = new Input.Window(metric, vocabulary.window());
        if (known == Statistic.COUNT) compiler.readsTime();
        return new Readings.OfWindow(compiler.inputs.index(window), known);
    }

    Code metric(String name) {
        return new Readings.Metric(compiler.inputs.index(new Input.Metric(name)));
    }

    private Code device(AstNode node, String field) {
        if (Vocabulary.DEVICE_FIELDS.contains(field)) return new Readings.Device(field);
        return compiler.refuse(node, "A device has no field " + field + ".", field.equals("metadata")
                ? "Write metadata." : Suggestion.among(field, Vocabulary.DEVICE_FIELDS));
    }

    private Code name(Name node) {
        var name = node.getIdentifier();
        var variable = compiler.scope().find(name);
        if (variable != null) return compiler.read(node, variable);
        return switch (name) {
            case "NaN" -> new Code.Constant(Double.NaN);
            case "Infinity" -> new Code.Constant(Double.POSITIVE_INFINITY);
            default -> vocabulary.isReserved(name) ? reserved(node, name) : open(node, name);
        };
    }

    private Code reserved(Name node, String name) {
        if (!vocabulary.hasVariable(name)) {
            return compiler.refuse(node, name + " means nothing here.", "To read a metric of this name write metrics['"
                    + name + "'].value, if metrics can be read here.");
        }
        return switch (name) {
            case "current" -> new Readings.Current();
            case "timestamp" -> new Readings.Timestamp();
            case "metadata" -> new Readings.Metadata();
            case "shadow" -> new Readings.Shadow();
            case "device" -> compiler.refuse(node, "device is no value by itself.",
                    "Read one of its fields, such as device.type.");
            case "metrics" -> compiler.refuse(node, "metrics needs a name and what to read of it.",
                    "Write metrics.temperature.value, or avg, std, min, max or count in place of value.");
            default -> new Readings.Local(name);
        };
    }

    private Code open(Name node, String name) {
        if (Vocabulary.isForbidden(name)) return forbidden(node, name);
        var function = Functions.find(name);
        if (function != null || name.equals("Math")) {
            return compiler.refuse(node, name + " is a function, not a value.", "Call it: "
                    + (function == null ? "Math.abs(x)" : function.signature())
                    + ", or read a metric of this name by metrics['" + name + "'].value.");
        }
        if (vocabulary.hasMetrics()) return metric(name);
        return compiler.refuse(node, "There is no variable " + name + " here.",
                Suggestion.among(name, vocabulary.variables()));
    }
}
