package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No source takes long to read, and no expression runs long or takes more memory than it may.
class HostileTest {
    private static final Vocabulary RULE = Vocabulary.rule(Duration.ofHours(24));
    private static final Vocabulary DECODER = Vocabulary.decoder();
    private static final int READ_MILLIS = 1_000;
    private static final int RUN_MILLIS = 200;
    private static final int RUN_BYTES = 16 << 20;

    private static String filled(String begin, String unit, String middle, String end) {
        var count = (Limits.EXPRESSION_CHARACTERS - begin.length() - middle.length()) / (unit.length() + end.length());
        return begin + unit.repeat(count) + middle + end.repeat(count);
    }

    @Test
    void deepSourcesAreRefusedBeforeTheyCostStack() {
        Stream.of(filled("", "(", "1", ")"), filled("", "(", "", ""), filled("", "[", "1", "]"),
                filled("", "{", "", "}"),
                filled("", "!", "a", ""), filled("", "- ", "a", ""), filled("", "typeof ", "a", ""),
                filled("", "a?b:", "c", ""), filled("", "a?", "b", ":c"), filled("", "a=>", "a", ""),
                filled("", "a=", "1", ""), filled("", "a**", "1", ""), filled("", "`${", "1", "}`"),
                filled("", "if(a)", "1", ""), filled("", "if(a){", "1", "}"), filled("", "if(a)1;else ", "1", ""),
                filled("", "[1].map(x=>", "x", ")"), filled("", "f(", "1", ")"), filled("", "a[", "1", "]"),
                filled("", "new ", "a", ""), filled("", "a:", "1", ""), filled("", "async ", "a", ""),
                filled("", "a&&(", "b", ")"), filled("", "({a:", "1", "})"), filled("", "function f(){", "", "}"),
                filled("", "a,", "b", ""), filled("", "await ", "a", ""), filled("", "while(1)", "1", ""),
                filled("", "try{", "1", "}finally{}"), filled("", "yield ", "1", ""), filled("", "a??", "b", ""),
                filled("", "delete ", "b", ""), filled("", "a\n=\n", "b", ""), filled("let ", "let=let=", "b", ""),
                filled("", "/*", "", ""), filled("", "/[", "", ""), filled("'", "\\", "", ""),
                filled("", "<!--", "", ""),
                filled("", "\\u0061", "", ""), filled("", "(a,", "b", ")=>1"), filled("", "({[", "b", "]:1})"),
                filled("", "`", "", ""), filled("", "${", "", ""), filled("", "class a{b(){", "", "}}"))
                .forEach(source -> onSmallStack(() -> isReadQuickly(source)));
    }

    /// Sources that are long but not deep are either taken or refused for their length.
    @Test
    void longSourcesAreBounded() {
        Stream.of(filled("", "a+", "b", ""), filled("", "a&&", "b", ""), filled("", "a||", "b", ""),
                filled("", "a.", "b", ""), filled("", "a?.", "b", ""), filled("", "a;", "b", ""),
                filled("", "a\n", "b", ""),
                filled("", ";", "1", ""), filled("", "a(1).", "b", ""), filled("", "a[1]", "", ""),
                filled("[", "1,", "1", "") + "]", filled("Math.max(", "1,", "1", "") + ")",
                IntStream.range(0, 300).mapToObj(i -> "const a" + i + "=1;").collect(Collectors.joining()),
                IntStream.range(0, 300).mapToObj(i -> "foo" + i + "(1);").collect(Collectors.joining()),
                filled("1", "0", "", ""), filled("0x", "f", "", ""), filled("0.", "1", "e", ""),
                filled("a", "b", "", ""))
                .forEach(source -> onSmallStack(() -> isReadQuickly(source)));
        assertThatThrownBy(() -> Expression.compile("a+".repeat(3_000) + "a", RULE))
                .isInstanceOf(ExpressionException.class).hasMessageContaining("4096");
        assertThatThrownBy(() -> Expression.compile("1" + "+1".repeat(600), RULE))
                .isInstanceOf(ExpressionException.class).hasMessageContaining("1000 parts");
        onSmallStack(() -> {
            var sum = Expression.compile("1" + "+1".repeat(490), RULE);
            assertThat(sum.number(new World())).isEqualTo(491);
            var steps = Expression.compile("let x = 1;" + "x += 1;".repeat(190) + "return x;", RULE);
            assertThat(steps.number(new World())).isEqualTo(191);
            var ifs = Expression.compile("if (a > 1) return 2;".repeat(150) + "return 3;", RULE);
            assertThat(ifs.number(new World().seenBy(ifs))).isEqualTo(3);
        });
    }

    @Test
    void nestingIsTakenUpToItsLimit() {
        assertThat(Expression.compile("(".repeat(90) + "1" + ")".repeat(90), RULE).number(new World())).isEqualTo(1);
        assertThat(Expression.compile("!".repeat(90) + "1", RULE).truth(new World())).isTrue();
        assertThatThrownBy(() -> Expression.compile("(".repeat(101) + "1" + ")".repeat(101), RULE))
                .isInstanceOf(ExpressionException.class).hasMessageContaining("100 levels");
        assertThatThrownBy(() -> Expression.compile("-".repeat(0) + "!".repeat(150) + "1", RULE))
                .isInstanceOf(ExpressionException.class).hasMessageContaining("100 levels");
    }

    /// With half the stack that the lanes' threads have.
    private static void onSmallStack(Runnable work) {
        var failure = new AtomicReference<Throwable>();
        var thread = new Thread(null, work, "small", 512 << 10);
        thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure.get() != null) throw new AssertionError(failure.get());
    }

    private static void isReadQuickly(String source) {
        for (var vocabulary : List.of(RULE, DECODER)) {
            var cost = Cost.of(() -> {
                try {
                    isRunQuickly(Expression.compile(source, vocabulary), new World());
                } catch (ExpressionException refused) {
                    assertThat(refused.mistakes()).isNotEmpty();
                }
            });
            assertThat(cost.cpuMillis()).as(start(source)).isLessThan(READ_MILLIS);
        }
    }

    private static void isRunQuickly(Expression expression, World world) {
        var cost = Cost.of(() -> {
            try {
                expression.value(world.seenBy(expression));
            } catch (EvaluationException ended) {
                assertThat(ended.getMessage()).isNotBlank();
            }
        });
        assertThat(cost.cpuMillis()).as(start(expression.source())).isLessThan(RUN_MILLIS);
        assertThat(cost.bytes()).as(start(expression.source())).isLessThan(RUN_BYTES);
    }

    private static String start(String source) {
        return source.substring(0, Math.min(60, source.length()));
    }

    private static void ends(String source) {
        var expression = Expression.compile(source, DECODER);
        var big = new World().local("bytes", new byte[1_000]).local("payload", "a".repeat(1 << 20))
                .metadata("{\"xs\":[" + "1,".repeat(5_000) + "1]}");
        var cost = Cost.of(() -> assertThat(catchThrowable(() -> expression.value(big))).as(source)
                .isInstanceOf(EvaluationException.class));
        assertThat(cost.cpuMillis()).as(source).isLessThan(RUN_MILLIS);
        assertThat(cost.bytes()).as(source).isLessThan(RUN_BYTES);
    }

    @Test
    void textsDoNotGrowBeyondTheirCap() {
        ends("bytes.reduce((text, x) => text + text, 'x')");
        ends("bytes.reduce((text, x) => `${text}${text}`, 'x')");
        ends("let s = 'x'; s += s.padStart(9000, 'x'); s += s; return s;");
        ends("'x'.padStart(1e9, 'y')");
        ends("'x'.padStart(1/0, 'y')");
        ends("bytes.map(x => 'x'.padStart(10000, 'y'))");
        ends("bytes.map(x => 'x'.padStart(100, 'y')).join('z'.padStart(100, 'z'))");
        ends("const xs = bytes.map(x => [bytes, bytes]); return String(xs);");
        ends("bytes.map(x => bytes.join(x))");
        ends("payload.trim()");
        ends("payload + payload");
        ends("payload.toUpperCase()");
        ends("'ß'.padStart(9000, 'ß').toUpperCase()");
    }

    @Test
    void arraysDoNotGrowBeyondTheirCap() {
        ends("metadata.xs.map(x => x)");
        ends("metadata.xs.filter(x => true)");
        ends("payload.split('')");
        ends("'x'.padStart(2000, 'x').split('')");
        ends("bytes.map(x => bytes.slice(0))");
        ends("bytes.map(x => [bytes, bytes]).map(x => x.map(y => y.map(z => z)))");
        ends("const a = [1, 1]; const b = [a, a, a, a]; const c = [b, b, b, b]; const d = [c, c, c, c, c]; "
                + "const e = [d, d, d, d, d]; const f = [e, e, e, e]; const g = [f, f, f, f]; return [g, g, g, g];");
        ends("bytes.reduce((deep, x) => [deep], 1)");
        ends("String(bytes.reduce((deep, x) => [deep], 1))");
        ends("bytes.reduce((deep, x) => ({deep}), 1)");
    }

    @Test
    void callsAreCounted() {
        ends("bytes.map(a => bytes.map(b => bytes.map(c => 1)))");
        ends("bytes.some(a => bytes.some(b => bytes.some(c => false)))");
        ends("bytes.reduce((n, a) => n + bytes.reduce((m, b) => m + a * b, 0), 0)");
        ends("bytes.map(x => bytes.includes(-1))");
        ends("bytes.filter(x => payload.includes('aaaaaaaaaaaaaaab'))");
        ends("bytes.filter(x => payload.split('b').length > 1)");
        ends("bytes.filter(x => payload < payload)");
        ends("bytes.map(x => payload.indexOf(payload))");
    }

    @Test
    void foreignJsonIsBounded() {
        ends("json(payload)");
        var world = new World().local("payload", "[".repeat(5_000));
        var expression = Expression.compile("json(payload)", DECODER);
        assertThat(expression.value(world)).isNull();
        world.local("payload", "{\"__proto__\": {\"a\": 1}, \"n\": 1e99999, \"m\": " + "9".repeat(100) + "}");
        isRunQuickly(expression, world);
        world.local("payload", "9".repeat(5_000));
        assertThat(expression.value(world)).isNull();
    }

    /// The budget is of one evaluation: what one spends, the next one has.
    @Test
    void everyEvaluationHasTheWholeBudget() {
        var expression = Expression.compile("bytes.map(x => x + 1).length", DECODER);
        var world = new World().local("bytes", new byte[1_000]);
        for (int i = 0; i < 100; i++) assertThat(expression.number(world)).isEqualTo(1_000);
    }
}
