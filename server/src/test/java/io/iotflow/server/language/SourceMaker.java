package io.iotflow.server.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/// Makes random sources that are mostly valid.
final class SourceMaker {
    static final List<String> METRICS = List.of("temperature", "mode", "door.open", "t");

    private static final String[] BINARY = {"+", "-", "*", "/", "%", "**", "<", ">", "<=", ">=", "==", "!=", "===",
        "!==", "&&", "||", "??", "&", "|", "^", "<<", ">>", ">>>"};
    private static final String[] LITERALS = {"0", "1", "2.5", "1e3", "0xff", "-1", "''", "'a'", "\"text\"", "'12'",
        "true", "false", "null", "undefined", "NaN", "Infinity", "[]", "[1, 2, 3]", "'x'.padStart(5000)"};
    private static final String[] OUTSIDE = {"temperature", "mode", "door.open", "t", "metrics.t.avg", "metrics.t.std",
        "metrics.temperature.value", "metrics['a-b'].value", "metrics.t.count", "current", "timestamp", "metadata",
        "metadata.xs", "metadata.a.b", "metadata?.none?.x", "metadata.none.x", "metadata.s", "shadow", "device.name",
        "avg(t, '5m')", "stddev(temperature, '1h')", "rate(t, '30s')", "previous(t)", "last(t)", "count(t, '1d')",
        "delta(t, '7d')", "inside('home')", "hoursSince(metadata.s)",
        "versionBefore(metadata.s, '1.2')", "value", "payload", "bytes", "topic"};
    private static final String[] METHODS = {"includes", "indexOf", "startsWith", "endsWith", "split", "slice",
        "charCodeAt", "join", "toFixed", "padStart"};
    private static final String[] PLAIN = {"trim", "toUpperCase", "toLowerCase", "join"};
    private static final String[] PASSING = {"some", "every", "map", "filter"};
    private static final String[] FUNCTIONS = {"Math.abs", "Math.floor", "Math.sqrt", "Math.round", "Number", "String",
        "Boolean", "isNaN", "hoursSince", "parseInt", "parseFloat", "hex", "base64", "json", "Math.max"};
    private static final String[] PLAIN_LITERALS = {"0", "1", "2.5", "1e3", "0xff", "-1", "''", "'a'", "\"text\"",
        "'7'.padStart(9)", "'12'", "true", "false", "null", "undefined", "NaN", "Infinity", "1e21", "1e-7", "' 7 '",
        "'0x1f'", "4294967297"};
    private static final String[] PLAIN_FUNCTIONS = {"Math.abs", "Math.floor", "Math.round", "Math.trunc", "Math.sign",
        "Math.ceil", "Math.max", "Number", "String", "Boolean", "isNaN", "parseFloat"};
    private static final String[] TEXT_METHODS = {"includes", "indexOf", "startsWith", "endsWith", "slice",
        "charCodeAt"};
    private static final String[] TEXT_PLAIN = {"trim", "toUpperCase", "toLowerCase", "toFixed"};
    private static final String[] NOISE = {"(", ")", "{", "}", "[", "]", "`", "${", "'", "\"", "=>", "?.", ";", ",",
        "\n", "//", "/*", "*/", "for", "new ", "=", "++", "...", "\\", "\u0000", "\uD800", "é", "const ", "let ",
        "function ", "return ", "async ", "/", "0x", "1e", "#", "@", "\\u{", "in ", ":", "?", "__proto__", "this"};

    /// What of the outside each purpose has; most sources keep to it.
    private static final Map<Vocabulary, String[]> KNOWN = new ConcurrentHashMap<>();

    private final Random random;
    private final String[] outside;
    private final boolean isPlain;
    private final List<String> names = new ArrayList<>();
    private int made;

    SourceMaker(Random random, Vocabulary vocabulary) {
        this.random = random;
        this.isPlain = false;
        this.outside = random.nextInt(10) == 0 ? OUTSIDE : KNOWN.computeIfAbsent(vocabulary, SourceMaker::known);
    }

    /// Makes only what any JavaScript engine can evaluate, and no arrays.
    SourceMaker(Random random, String... outside) {
        this.random = random;
        this.isPlain = true;
        this.outside = outside;
    }

    private static String[] known(Vocabulary vocabulary) {
        return Arrays.stream(OUTSIDE).filter(source -> {
            try {
                return Expression.compile(source, vocabulary) != null;
            } catch (ExpressionException unknown) {
                return false;
            }
        }).toArray(String[]::new);
    }

    String program() {
        var program = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) program.append(statement(2));
        return program + (random.nextBoolean() ? "return " : "") + expression(random.nextInt(6));
    }

    String plainProgram() {
        var program = new StringBuilder();
        for (int i = random.nextInt(3); i > 0; i--) program.append(statement(1));
        return program + "return " + expression(random.nextInt(4)) + ";";
    }

    private String statement(int depth) {
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0, 1 -> {
                var name = "v" + made++;
                var text = "const " + name + " = " + expression(3) + ";\n";
                names.add(name);
                yield text;
            }
            case 2 -> {
                var name = "w" + made++;
                var text = "let " + name + " = " + expression(2) + "; " + name
                        + one(" = ", " += ", " -= ") + expression(2) + ";\n";
                names.add(name);
                yield text;
            }
            case 3 -> "if (" + expression(2) + ") return " + expression(2) + ";\n";
            default -> {
                var before = names.size();
                var text = "if (" + expression(2) + ") { " + statement(depth - 1) + "return " + expression(2) + "; }\n";
                while (names.size() > before) names.removeLast();
                yield text;
            }
        };
    }

    private String expression(int depth) {
        if (depth == 0) return leaf();
        var next = depth - 1;
        return switch (random.nextInt(isPlain ? 10 : 15)) {
            case 0, 1, 2 -> "(" + expression(next) + " " + one(BINARY) + " " + expression(next) + ")";
            case 3 -> expression(next) + " " + one(BINARY) + " " + expression(next);
            case 4 -> one("!", "-", "+", "~", "typeof ") + "(" + expression(next) + ")";
            case 5 -> "(" + expression(next) + " ? " + expression(next) + " : " + expression(next) + ")";
            case 6 -> "`a${" + expression(next) + "}b${" + expression(next) + "}`";
            case 7 -> one(isPlain ? PLAIN_FUNCTIONS : FUNCTIONS) + "(" + expression(next) + ")";
            case 8 -> expression(next) + one(".", isPlain ? "." : "?.") + one(isPlain ? TEXT_METHODS : METHODS)
                    + "(" + expression(next) + ")";
            case 9 -> expression(next) + one(".", isPlain ? "." : "?.") + one(isPlain ? TEXT_PLAIN : PLAIN) + "()";
            case 10 -> array(next) + "." + one(PASSING) + "(" + arrow(next, 1) + ")";
            case 11 -> array(next) + ".reduce(" + arrow(next, 2) + ", " + expression(next) + ")";
            case 12 -> expression(next) + one("?.[", "?.[", "[") + expression(next) + "]";
            case 13 -> "[" + expression(next) + ", " + expression(next) + "]";
            default -> expression(next) + one("?.", "?.", ".") + one("length", "length", "a", "b", "xs");
        };
    }

    private String array(int depth) {
        return switch (random.nextInt(4)) {
            case 0 -> "[" + expression(depth) + ", " + leaf() + "]";
            case 1 -> "[1, 2, 3]";
            case 2 -> "'a,b,12'.split(',')";
            default -> expression(depth);
        };
    }

    private String arrow(int depth, int parameters) {
        var first = "p" + made++;
        var second = "p" + made++;
        names.add(first);
        if (parameters == 2) names.add(second);
        var body = expression(depth);
        names.remove(first);
        names.remove(second);
        var head = parameters == 2 ? "(" + first + ", " + second + ")" : first;
        return head + " => " + (random.nextBoolean() ? body : "{ return " + body + "; }");
    }

    private String leaf() {
        return switch (random.nextInt(3)) {
            case 0 -> one(isPlain ? PLAIN_LITERALS : LITERALS);
            case 1 -> one(outside);
            default -> names.isEmpty() ? one(outside) : names.get(random.nextInt(names.size()));
        };
    }

    /// The source with some of its characters gone, doubled, moved or replaced.
    String mutated(String source) {
        var text = new StringBuilder(source);
        for (int i = 1 + random.nextInt(4); i > 0 && !text.isEmpty(); i--) {
            var at = random.nextInt(text.length());
            var end = Math.min(text.length(), at + 1 + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, text.substring(at, end));
                case 2 -> text.insert(at, one(NOISE));
                default -> text.insert(random.nextInt(text.length()), one(NOISE).repeat(1 + random.nextInt(200)));
            }
        }
        return text.toString();
    }

    private String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
