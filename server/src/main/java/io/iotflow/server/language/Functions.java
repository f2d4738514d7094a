package io.iotflow.server.language;

import io.iotflow.server.language.Readings.Statistic;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.StringLiteral;

/// The functions that can be called by their names.
///
/// @param fewest    arguments at least
/// @param signature how it is called, for people
record Functions(String name, Group group, int fewest, int most, String signature, String doc, Maker maker) {

    enum Group { PLAIN, TIME, HISTORY, DECODER }

    /// Makes the code of one call.
    interface Maker {
        Code make(Compiler compiler, FunctionCall call, List<AstNode> arguments);
    }

    private static final Map<String, Functions> ALL = new LinkedHashMap<>();

    static {
        window("avg", Statistic.MEAN, "The mean of the window's values.");
        window("stddev", Statistic.DEVIATION, "Their standard deviation, of a sample.");
        window("min", Statistic.MIN, "The smallest of them.");
        window("max", Statistic.MAX, "The largest of them.");
        window("count", Statistic.COUNT, "How many there are.");
        window("delta", Statistic.DELTA, "The last one minus the first.");
        window("rate", Statistic.RATE, "By how much it changes in a second, from the first to the last.");
        add("last", Group.HISTORY, 1, 2, "last(metric, '5m')", "The last value of the window, or of all times.",
                (compiler, call, arguments) -> {
                    if (arguments.size() == 2) return overWindow(compiler, arguments, "last", Statistic.LAST);
                    var metric = Calls.metric(compiler, arguments.getFirst());
                    return metric == null ? Compiler.NOTHING : compiler.names().metric(metric);
                });
        add("previous", Group.HISTORY, 1, 1, "previous(metric)", "The value before the latest.",
                (compiler, call, arguments) -> {
                    var metric = Calls.metric(compiler, arguments.getFirst());
                    if (metric == null) return Compiler.NOTHING;
                    return new Readings.Metric(compiler.inputs.index(new Input.Previous(metric)));
                });
        add("inside", Group.HISTORY, 1, 1, "inside('geofence')", "Whether the last position lies in the geofence.",
                (compiler, call, arguments) -> {
                    if (arguments.getFirst() instanceof StringLiteral name) {
                        compiler.inputs.geofence(name.getValue());
                        return new Readings.Inside(name.getValue());
                    }
                    return compiler.refuse(call, "The geofence must be named here.", "Write inside('name').");
                });
        add("hoursSince", Group.TIME, 1, 1, "hoursSince(time)",
                "Hours from a time to now: a text such as '2026-01-31T12:00:00Z', or milliseconds since 1970.",
                (compiler, call, arguments) -> {
                    compiler.readsTime();
                    return new HoursSince(compiler.expression(arguments.getFirst()));
                });
        add("distance", Group.PLAIN, 4, 4, "distance(latitude1, longitude1, latitude2, longitude2)",
                "Metres between two positions on the earth.", (compiler, call, arguments) ->
                        new MathFunctions.Distance(compiler.expressions(arguments)));
        add("versionBefore", Group.PLAIN, 2, 2, "versionBefore(version, '1.4.0')",
                "Whether a version is earlier than another one, number by number; false if either is none.",
                (compiler, call, arguments) -> new VersionBefore(compiler.expression(arguments.getFirst()),
                        compiler.expression(arguments.get(1))));
        plain("isNaN", "isNaN(x)", "Whether x is no number.", code -> new Code.Truth() {
            @Override
            boolean truth(Frame frame) {
                return Double.isNaN(code.number(frame));
            }
        });
        plain("Number", "Number(x)", "x as a number; NaN if it is none.", code -> new Code.Numeric() {
            @Override
            double number(Frame frame) {
                var number = code.quick(frame);
                if (number == number || code.kind == Kind.NUMBER) return number;
                var value = code.value(frame);
                if (value instanceof String text) frame.spend(text.length() / 16);
                return Values.number(value);
            }
        });
        plain("Boolean", "Boolean(x)", "Whether x is true in JavaScript's sense.", code -> new Code.Truth() {
            @Override
            boolean truth(Frame frame) {
                return code.truth(frame);
            }
        });
        plain("String", "String(x)", "x as a text.", code -> new Code(Kind.TEXT) {
            @Override
            Object value(Frame frame) {
                return Values.text(code.value(frame), frame);
            }
        });
        Decoding.functions().forEach(Functions::add);
    }

    static Functions find(String name) {
        return ALL.get(name);
    }

    static Collection<Functions> all() {
        return ALL.values();
    }

    static List<String> names(Vocabulary vocabulary) {
        return ALL.values().stream().filter(each -> each.isIn(vocabulary)).map(Functions::name).toList();
    }

    boolean isIn(Vocabulary vocabulary) {
        return switch (group) {
            case PLAIN -> true;
            case TIME -> vocabulary.hasTime();
            case HISTORY -> vocabulary.hasHistory();
            case DECODER -> vocabulary.decodes();
        };
    }

    private static void add(Functions function) {
        ALL.put(function.name, function);
    }

    private static void add(String name, Group group, int fewest, int most, String signature, String doc,
                            Maker maker) {
        add(new Functions(name, group, fewest, most, signature, doc, maker));
    }

    private static void plain(String name, String signature, String doc, Function<Code, Code> code) {
        add(name, Group.PLAIN, 1, 1, signature, doc,
                (compiler, call, arguments) -> code.apply(compiler.expression(arguments.getFirst())));
    }

    private static void window(String name, Statistic statistic, String doc) {
        add(name, Group.HISTORY, 2, 2, name + "(metric, '5m')", doc,
                (compiler, call, arguments) -> overWindow(compiler, arguments, name, statistic));
    }

    private static Code overWindow(Compiler compiler, List<AstNode> arguments, String name, Statistic statistic) {
        var length = Calls.length(compiler, arguments.get(1), name + "(metric, '5m')");
        if (length == null) return Compiler.NOTHING;
        var metric = Calls.metric(compiler, arguments.getFirst());
        if (metric == null) return Compiler.NOTHING;
        if (statistic == Statistic.COUNT) compiler.readsTime();
        return new Readings.OfWindow(compiler.inputs.index(new Input.Window(metric, length)), statistic);
    }
}
