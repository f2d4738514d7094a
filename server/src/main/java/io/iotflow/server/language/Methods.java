package io.iotflow.server.language;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.PropertyGet;

/// Methods of values. Which type a value has shows when it is there, so a call names the method only.
final class Methods {
    /// @param fewest    arguments at least
    /// @param passes    how many arguments a function takes that is the method's first argument; 0 if there is none
    /// @param signature how it is called, for people
    record Method(int fewest, int most, int passes, String signature, String doc, Body body) {}

    /// @param arrow null unless a function is passed
    interface Body {
        Object apply(Frame frame, Object target, Object[] arguments, Arrow arrow);
    }

    private static final Map<String, Method> ALL = new TreeMap<>();

    static {
        ALL.putAll(TextMethods.all());
        ALL.putAll(ArrayMethods.all());
        ALL.put("includes", new Method(1, 1, 0, "x.includes(part)",
                "Whether an array has the element, or a text the part.", (frame, target, arguments, _) ->
                        target instanceof String text ? TextMethods.indexOf(frame, text, arguments[0]) >= 0
                                : ArrayMethods.indexOf(frame, target, arguments[0], "includes") >= 0));
        ALL.put("indexOf", new Method(1, 1, 0, "x.indexOf(part)",
                "Where an array has the element, or a text the part; -1 if nowhere.", (frame, target, arguments, _) ->
                        (double) (target instanceof String text ? TextMethods.indexOf(frame, text, arguments[0])
                                : ArrayMethods.indexOf(frame, target, arguments[0], "indexOf"))));
        ALL.put("slice", new Method(0, 2, 0, "x.slice(from, to)",
                "The part of an array or text from one place to before another; negative ones count from the end.",
                (frame, target, arguments, _) -> target instanceof String text
                        ? TextMethods.slice(frame, text, arguments) : ArrayMethods.slice(frame, target, arguments)));
        ALL.put("toFixed", new Method(0, 1, 0, "number.toFixed(digits)",
                "A number as a text with so many digits after the point, 20 at most.",
                (frame, target, arguments, _) -> TextMethods.fixed(frame, target, arguments)));
    }

    private final Compiler compiler;

    Methods(Compiler compiler) {
        this.compiler = compiler;
    }

    static Map<String, Method> all() {
        return ALL;
    }

    Code call(FunctionCall call, PropertyGet get) {
        var name = get.getProperty().getIdentifier();
        var method = ALL.get(name);
        if (method == null) return unknown(get, name, ALL.keySet());
        var arguments = call.getArguments();
        if (arguments.size() < method.fewest || arguments.size() > method.most) {
            return compiler.refuse(get.getProperty(), name + " does not take " + arguments.size() + " arguments.",
                    "Write " + method.signature + ".");
        }
        var target = compiler.names().next(get.getTarget());
        Arrow arrow = null;
        var first = 0;
        if (method.passes > 0) {
            arrow = compiler.arrow(arguments.getFirst(), method.passes, method.signature);
            if (arrow == null) return Compiler.NOTHING;
            first = 1;
        }
        var others = compiler.expressions(arguments.subList(first, arguments.size()));
        return new Invocation(target, compiler.names().isOptional(get), name, others.toArray(Code[]::new), arrow,
                method.body);
    }

    private Code unknown(PropertyGet get, String name, Collection<String> known) {
        var isFunction = Functions.find(name) != null;
        return compiler.refuse(get.getProperty(), "There is no method " + name + ".",
                isFunction ? "Write " + Functions.find(name).signature() + "." : Suggestion.among(name, known));
    }

    private static final class Invocation extends Code {
        private final Code target;
        private final boolean isOptional;
        private final String name;
        private final Code[] arguments;
        private final Arrow arrow;
        private final Body body;

        Invocation(Code target, boolean isOptional, String name, Code[] arguments, Arrow arrow, Body body) {
            super(Kind.ANY);
            this.target = target;
            this.isOptional = isOptional;
            this.name = name;
            this.arguments = arguments;
            this.arrow = arrow;
            this.body = body;
        }

        @Override
        Object value(Frame frame) {
            var value = target.value(frame);
            if (Members.ends(value, isOptional, name)) return Members.ended();
            var given = new Object[arguments.length];
            for (int i = 0; i < given.length; i++) given[i] = arguments[i].value(frame);
            return body.apply(frame, value, given, arrow);
        }
    }

    /// A value of the wrong type.
    static EvaluationException wrong(String method, String wanted, Object value) {
        return new EvaluationException(method + " is a method of " + wanted + ", and this is "
                + (value == null ? "null" : Values.isNothing(value) ? "undefined" : "a " + Values.type(value)) + ".");
    }

    /// A place as `slice` takes it, in a whole of this length.
    static int place(Object[] arguments, int which, int length, int otherwise) {
        if (arguments.length <= which || arguments[which] == Values.UNDEFINED) return otherwise;
        var place = Values.number(arguments[which]);
        if (Double.isNaN(place) || place > -1 && place < 1) return 0;
        return (int) (place < 0 ? Math.max(0, Math.ceil(place) + length) : Math.min(length, place));
    }
}
