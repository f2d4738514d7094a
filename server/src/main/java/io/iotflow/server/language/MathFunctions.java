package io.iotflow.server.language;

import io.iotflow.server.core.Earth;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.FunctionCall;

/// `Math`, and what is reckoned like it.
final class MathFunctions {

    static final Map<String, Double> CONSTANTS = Map.of("PI", Math.PI, "E", Math.E, "LN2", Math.log(2),
            "LN10", Math.log(10), "SQRT2", Math.sqrt(2));

    static final Map<String, DoubleUnaryOperator> OF_ONE = new TreeMap<>(Map.ofEntries(
            Map.entry("abs", Math::abs), Map.entry("floor", Math::floor), Map.entry("ceil", Math::ceil),
            Map.entry("round", MathFunctions::round), Map.entry("sqrt", Math::sqrt),
            Map.entry("log", Math::log), Map.entry("log10", Math::log10), Map.entry("log2", MathFunctions::log2),
            Map.entry("exp", Math::exp), Map.entry("sin", Math::sin), Map.entry("cos", Math::cos),
            Map.entry("tan", Math::tan), Map.entry("asin", Math::asin), Map.entry("acos", Math::acos),
            Map.entry("atan", Math::atan), Map.entry("sign", Math::signum), Map.entry("cbrt", Math::cbrt),
            Map.entry("trunc", x -> x < 0 ? Math.ceil(x) : Math.floor(x))));

    static final Map<String, DoubleBinaryOperator> OF_TWO =
            new TreeMap<>(Map.of("pow", Math::pow, "atan2", Math::atan2));

    /// Of any number of arguments, two at a time from a start.
    static final Map<String, DoubleBinaryOperator> OF_MANY =
            new TreeMap<>(Map.of("min", Math::min, "max", Math::max, "hypot", Math::hypot));

    private MathFunctions() {}

    /// Not `floor(x + 0.5)`: the sum of that and the greatest number below 0.5 is 1.
    private static double round(double x) {
        var floor = Math.floor(x);
        return x - floor < 0.5 ? floor : Math.ceil(x);
    }

    private static double log2(double x) {
        var exponent = Math.getExponent(x);
        return Double.isFinite(x) && x == Math.scalb(1.0, exponent) ? exponent : Math.log(x) / Math.log(2);
    }

    static Code constant(Compiler compiler, AstNode at, String name) {
        var constant = CONSTANTS.get(name);
        if (constant != null) return new Code.Constant(constant);
        if (names().contains(name)) return compiler.refuse(at, "Math." + name + " is a function.", "Call it.");
        return compiler.refuse(at, "There is no Math." + name + ".", Suggestion.among(name, names()));
    }

    static TreeSet<String> names() {
        var names = new TreeSet<>(OF_ONE.keySet());
        names.addAll(OF_TWO.keySet());
        names.addAll(OF_MANY.keySet());
        names.addAll(CONSTANTS.keySet());
        return names;
    }

    static Code call(Compiler compiler, FunctionCall call, String name) {
        var arguments = compiler.expressions(call.getArguments());
        var count = arguments.size();
        if (OF_ONE.containsKey(name)) {
            if (count != 1) return refuse(compiler, call, name);
            return new OfOne(OF_ONE.get(name), arguments.getFirst());
        }
        if (OF_TWO.containsKey(name)) {
            if (count != 2) return refuse(compiler, call, name);
            return new OfMany(OF_TWO.get(name), arguments);
        }
        if (OF_MANY.containsKey(name)) {
            if (count == 0) return refuse(compiler, call, name);
            if (count == 1) arguments = List.of(arguments.getFirst(), arguments.getFirst());
            if (count == 1 && name.equals("hypot")) return new OfOne(Math::abs, arguments.getFirst());
            return new OfMany(OF_MANY.get(name), arguments);
        }
        return compiler.refuse(call, "There is no Math." + name + ".", Suggestion.among(name, names()));
    }

    static String arguments(String name) {
        return OF_ONE.containsKey(name) ? "(x)" : OF_TWO.containsKey(name) ? "(a, b)" : "(a, b, …)";
    }

    private static Code refuse(Compiler compiler, FunctionCall call, String name) {
        return compiler.refuse(call, "Math." + name + " does not take " + call.getArguments().size() + " arguments.",
                "Write Math." + name + arguments(name) + ".");
    }

    private static final class OfOne extends Code.Numeric {
        private final DoubleUnaryOperator operator;
        private final Code argument;

        OfOne(DoubleUnaryOperator operator, Code argument) {
            this.operator = operator;
            this.argument = argument;
        }

        @Override
        double number(Frame frame) {
            return operator.applyAsDouble(argument.number(frame));
        }
    }

    private static final class OfMany extends Code.Numeric {
        private final DoubleBinaryOperator operator;
        private final Code[] arguments;

        OfMany(DoubleBinaryOperator operator, List<Code> arguments) {
            this.operator = operator;
            this.arguments = arguments.toArray(Code[]::new);
        }

        @Override
        double number(Frame frame) {
            var result = arguments[0].number(frame);
            for (int i = 1; i < arguments.length; i++) {
                result = operator.applyAsDouble(result, arguments[i].number(frame));
            }
            return result;
        }
    }

    /// Along a great circle.
    static final class Distance extends Code.Numeric {
        private final Code[] degrees;

        Distance(List<Code> degrees) {
            this.degrees = degrees.toArray(Code[]::new);
        }

        @Override
        double number(Frame frame) {
            return Earth.distance(degrees[0].number(frame), degrees[1].number(frame), degrees[2].number(frame),
                    degrees[3].number(frame));
        }
    }
}
