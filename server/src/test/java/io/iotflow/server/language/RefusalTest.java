package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.iotflow.server.language.ExpressionException.Mistake;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is refused, where, and what is said.
class RefusalTest {
    private static final Vocabulary RULE = Vocabulary.rule(Duration.ofHours(24));

    private static List<Mistake> mistakes(String source, Vocabulary vocabulary) {
        try {
            Expression.compile(source, vocabulary);
        } catch (ExpressionException refused) {
            return refused.mistakes();
        }
        return fail("was taken: " + source);
    }

    private static void check(String source, int line, int column, String... words) {
        check(RULE, source, line, column, words);
    }

    private static void check(Vocabulary vocabulary, String source, int line, int column, String... words) {
        var first = mistakes(source, vocabulary).getFirst();
        assertThat(first.line() + ":" + first.column()).as(source + " " + first).isEqualTo(line + ":" + column);
        for (var word : words) assertThat(first.toString()).as(source).contains(word);
        assertThat(first.instead()).as(source).isNotBlank();
    }

    @Test
    void loopsAreRefused() {
        check("for (let i = 0; i < 3; i++) {}", 1, 1, "loops", "some");
        check("let x = 1;\nwhile (true) x = 2;\nreturn x;", 2, 1, "loops");
        check("do { 1; } while (true)", 1, 1, "loops");
        check("for (const x of [1]) {}", 1, 1, "loops");
        check("for (const x in metadata) {}", 1, 1, "loops");
    }

    @Test
    void functionsAreOnlyPassedToArrays() {
        check("function f() { return f(); } f()", 1, 1, "function", "in place");
        check("const f = x => x; f(1)", 1, 11, "function");
        check("(() => 1)()", 1, 1, "called");
        check("[1].map(function (x) { return x; })", 1, 9, "in place");
        check("[1].map(async x => x)", 1, 9);
        check("[1].map((...x) => x)", 1, 10);
        check("[1].map(([a]) => a)", 1, 9, "plain names");
        check("[1].map((a = 1) => a)", 1, 9);
        check("[1].map(f)", 1, 9, "in place");
        check("[1].map(x => { x })", 1, 16, "not used", "return");
    }

    @Test
    void nothingReachesJavaOrPrototypes() {
        check("[].constructor", 1, 4, "cannot be read");
        check("''.constructor.constructor('return 1')()", 1, 1);
        check("metadata.__proto__", 1, 10, "cannot be read");
        check("({}).__proto__", 1, 6, "cannot be read");
        check("eval('1')", 1, 1, "no function");
        check("java.lang.System.exit(0)", 1, 18, "no method");
        check("java.lang.Runtime", 1, 1, "not part of the language");
        check("Packages.x", 1, 1, "not part of the language");
        check("new Date()", 1, 1, "new", "timestamp");
        check("new Function('return 1')", 1, 1, "new");
        check("this.x", 1, 1, "no this");
        check("arguments[0]", 1, 1, "not part");
        check("globalThis.x", 1, 1, "not part");
    }

    @Test
    void theRestOfJavaScriptIsRefused() {
        check("/a+/.test(mode)", 1, 6, "no method");
        check("mode === /a/", 1, 10, "regular expressions", "includes");
        check("class A {}", 1, 1);
        check("try { 1 } catch (e) { 2 }", 1, 1, "exceptions", "?.");
        check("throw 1", 1, 1, "exceptions");
        check("switch (mode) { case 1: 2; }", 1, 1, "switch", "if");
        check("var x = 1; return x;", 1, 1, "var", "const");
        check("const {a} = metadata; return a;", 1, 7, "taken out", "const a = x.a");
        check("const [a] = metadata; return a;", 1, 7, "taken out");
        check("[...metadata.tags]", 1, 2, "spread");
        check("let x = 1; x++; return x;", 1, 12, "++", "+= 1");
        check("delete metadata.x", 1, 8, "deleted");
        check("'a' in metadata", 1, 1, "operator in", "includes");
        check("x instanceof y", 1, 1, "instanceof", "typeof");
        check("void 0", 1, 6);
        check("(1, 2)", 1, 2, "comma");
        check("10n", 1, 1, "big integers");
        check("String.raw`a`", 1, 1, "tagged");
        check("with (metadata) { x }", 1, 1);
        check("a: 1", 1, 1);
        check("debugger", 1, 1);
        check("({a: 1})", 1, 2, "object");
        check("[1,,2]", 1, 1, "gap");
    }

    @Test
    void objectsHaveNamesAndValuesOnly() {
        check(Vocabulary.decoder(), "({get a() { return 1; }})", 1, 7, "names and values");
        check(Vocabulary.decoder(), "({a() { return 1; }})", 1, 3, "names and values");
        check(Vocabulary.decoder(), "({[topic]: 1})", 1, 3);
        check(Vocabulary.decoder(), "({...metadata})", 1, 3);
        check(Vocabulary.decoder(), "({__proto__: 1})", 1, 3, "name of a field");
        check(Vocabulary.decoder(), "({a: 1, a: 2})", 1, 9, "twice");
    }

    @Test
    void onlyVariablesAreSet() {
        check("temperature = 30", 1, 1, "let", "===");
        check("if (temperature = 30) return 1;", 1, 5, "===");
        check("const a = 1; a = 2; return a;", 1, 14, "const");
        check("metadata.x = 1", 1, 1, "let");
        check("let a = 1; a ??= 2; return a;", 1, 12, "x = x ?? 1");
        check("const avg = avg(temperature, '5m'); return avg;", 1, 13, "variable here", "another name");
        check("const a = b; const b = 1; return a;", 1, 11, "before");
        check("if (true) { return b; } const b = 1; return b;", 1, 20, "before");
        check("const a = 1; const a = 2; return a;", 1, 20, "twice");
        check("const a; return 1;", 1, 7, "no value");
        check("temperature > 30; return true;", 1, 1, "not used", "Return it");
        check("return 1; 2", 1, 11, "after return");
    }

    @Test
    void misspelledWordsAreGuessed() {
        check("averge(temperature, '5m')", 1, 1, "no function averge", "Did you mean avg?");
        check("Math.flor(3)", 1, 1, "Math.flor", "Did you mean floor?");
        check("mode.startWith('a')", 1, 6, "Did you mean startsWith?");
        check("device.nmae", 1, 1, "Did you mean name?");
        check(Vocabulary.device(), "metdata.site === 'a'", 1, 1, "Did you mean metadata?");
        check("avg > 3", 1, 1, "avg is a function", "metrics['avg'].value");
        check("hasOwnProperty('a')", 1, 1, "no function");
    }

    @Test
    void windowsAreNamedInPlace() {
        check("avg(temperature)", 1, 1, "1 arguments", "avg(metric, '5m')");
        check("min(1, 2)", 1, 8, "Math.min");
        check("avg(temperature, '5 minutes')", 1, 18, "5 minutes", "5m");
        check("avg(temperature, '32d')", 1, 18, "31d");
        check("avg(temperature, mode)", 1, 18, "must be a text");
        check("avg(metrics.temperature.value, '5m')", 1, 5, "name of a metric", "avg(temperature");
        check("avg(1, '5m')", 1, 5, "name of a metric");
        check("metrics.temperature", 1, 1, "metrics needs", ".value");
        check("metrics[mode].value", 1, 1, "metrics needs");
        check("inside(mode)", 1, 1, "named here");
    }

    @Test
    void eachPurposeHasItsWords() {
        check(Vocabulary.device(), "temperature > 30", 1, 1, "no variable temperature");
        check(Vocabulary.device(), "avg(temperature, '5m')", 1, 1, "cannot be called here");
        check(Vocabulary.device(), "current > 1", 1, 1, "means nothing here");
        check(Vocabulary.processing(), "avg(temperature, '5m')", 1, 1, "cannot be called here");
        check(Vocabulary.processing(), "metrics.temperature.avg", 1, 1, "Earlier values");
        check(Vocabulary.processing(), "shadow.x", 1, 1, "means nothing here");
        check(Vocabulary.decoder(), "temperature", 1, 1, "no variable temperature");
        check("int16([1, 2], 0)", 1, 1, "decoders only");
    }

    @Test
    void unreadableSourcesSayWhere() {
        check("temperature >", 1, 14);
        check("(temperature > 30", 1, 18);
        check("temperature > 30)", 1, 17);
        check("a\n  b c", 2, 5);
        check("}", 1, 1);
        check("} function g() {", 1, 1);
        check("`abc", 1, 1);
        check("'abc", 1, 1);
        check("", 1, 1, "nothing here", "temperature > 30");
        check("  // only a comment", 1, 1, "nothing here");
        check("\u0000", 1, 1);
    }

    @Test
    void allMistakesAreFound() {
        var found = mistakes("foo(1);\nconst x = new Date();\nreturn device.nmae > Math.flor(x);", RULE);
        assertThat(found).extracting(Mistake::line).contains(1, 2, 3);
        assertThat(found).hasSizeGreaterThanOrEqualTo(4).isSortedAccordingTo(
                java.util.Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column));
    }
}
