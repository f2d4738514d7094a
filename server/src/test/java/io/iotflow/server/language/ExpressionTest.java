package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What expressions answer.
class ExpressionTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static final Vocabulary RULE = Vocabulary.rule(DAY);

    private final World world = new World();

    private void check(String source, Object expected) {
        var expression = Expression.compile(source, RULE);
        assertThat(expression.value(world.seenBy(expression))).as(source).isEqualTo(expected);
        if (expected instanceof Double number) {
            assertThat(expression.number(world)).as(source + " as a number").isEqualTo(number);
        }
        var truth = switch (expected) {
            case null -> false;
            case Double number -> number != 0 && !number.isNaN();
            case Boolean value -> value;
            case String text -> !text.isEmpty();
            default -> true;
        };
        assertThat(expression.truth(world)).as("truth of " + source).isEqualTo(truth);
    }

    @Test
    void bothProgramsOfTheProductWorkAsWritten() {
        world.metric("temperature", 31.0);
        check("temperature > 30", true);
        check("temperature > 31", false);
        var threeSigma = """
                const avg = metrics.temperature.avg; const std = metrics.temperature.std; \
                return current > (avg + 3 * std);""";
        world.window("temperature", 10, 12, 11, 9, 10).current(15.0);
        check(threeSigma, true);
        world.current(12.0);
        check(threeSigma, false);
        assertThat(Expression.compile(threeSigma, RULE).inputs())
                .containsExactly(new Input.Window("temperature", DAY));
    }

    @Test
    void arithmeticIsJavaScripts() {
        check("1 + 2 * 3", 7.0);
        check("(1 + 2) * 3 - -4", 13.0);
        check("7 % 4 + 2 ** 3 ** 0", 5.0);
        check("-7 % 4", -3.0);
        check("1 / 0", Double.POSITIVE_INFINITY);
        check("0 / 0", Double.NaN);
        check("'a' + 1 + 2", "a12");
        check("1 + 2 + 'a'", "3a");
        check("'3' * '4'", 12.0);
        check("'x' * 1", Double.NaN);
        check("true + true", 2.0);
        check("null + 1", 1.0);
        check("undefined + 1", Double.NaN);
        check("undefined + 'x'", "undefinedx");
        check("5 & 3 | 8", 9.0);
        check("-1 >>> 28", 15.0);
        check("-16 >> 2", -4.0);
        check("~5 ^ 1", -5.0);
        check("1 << 31", -2147483648.0);
        check("0x10 + 0b11 + 0o7 + 1e3", 1026.0);
    }

    @Test
    void comparisonIsJavaScripts() {
        check("1 < 2 && 2 <= 2 && 3 > 2 && 2 >= 2", true);
        check("'a' < 'b'", true);
        check("'10' < '9'", true);
        check("'10' < 9", false);
        check("null >= 0", true);
        check("undefined >= 0", false);
        check("1 === 1.0 && 'a' === 'a' && null === null", true);
        check("1 === '1'", false);
        check("1 == '1' && null == undefined && true == 1", true);
        check("null == 0", false);
        check("null === undefined", false);
        check("NaN === NaN", false);
        check("1 !== 2 && 'a' != 'b'", true);
    }

    @Test
    void logicGivesOneOfItsSides() {
        check("0 || 'x'", "x");
        check("'' ?? 'x'", "");
        check("null ?? undefined ?? 3", 3.0);
        check("1 && 2", 2.0);
        check("0 && 2", 0.0);
        check("!0 && !'' && !null && !undefined && !NaN", true);
        check("1 > 2 ? 'a' : 'b'", "b");
        check("typeof 1 + typeof 'a' + typeof true + typeof null + typeof undefined + typeof [1]",
                "numberstringbooleanobjectundefinedobject");
    }

    @Test
    void aMissingMetricIsUndefined() {
        check("temperature > 30", false);
        check("temperature < 30", false);
        check("temperature === undefined", true);
        check("temperature ?? 20", 20.0);
        check("temperature", null);
        check("temperature + 1", Double.NaN);
        check("metrics.temperature.value === undefined && metrics.temperature.avg === undefined", true);
        check("metrics.temperature.count", 0.0);
        check("avg(temperature, '5m') ?? 20", 20.0);
    }

    @Test
    void metricsHaveEveryTypeAndName() {
        world.metric("door.open", true).metric("mode", "auto").metric("a-b", 3.0).metric("device", 4).metric("n", 7L);
        check("door.open", true);
        check("door.open === true && door.open == 1 && door.open > 0", true);
        check("mode === 'auto'", true);
        check("mode + '!'", "auto!");
        check("mode.length", 4.0);
        check("metrics['a-b'].value", 3.0);
        check("metrics['device'].value + metrics.device.value", 8.0);
        check("metrics.door.open.value", true);
        check("n + 1", 8.0);
        check("n === 7", true);
    }

    @Test
    void windowFunctionsReadTheirWindow() {
        world.window("temperature", 10, 14, 12, 16);
        check("avg(temperature, '5m')", 13.0);
        check("min('temperature', '500ms') + max(temperature, '7d')", 26.0);
        check("count(temperature, '1h')", 4.0);
        check("delta(temperature, '1h')", 6.0);
        check("rate(temperature, '1h')", 2.0);
        check("last(temperature, '1h')", 16.0);
        check("stddev(temperature, '30s') > 2.58 && stddev(temperature, '30s') < 2.59", true);
        assertThat(Expression.compile("avg(door.open, '5m') + last(x) + previous(x)", RULE).inputs()).containsExactly(
                new Input.Window("door.open", Duration.ofMinutes(5)), new Input.Metric("x"), new Input.Previous("x"));
    }

    @Test
    void anExpressionSaysWhichGeofencesItAsksAbout() {
        assertThat(Expression.compile("!inside('yard') || t > 3 && inside('dock') && inside('yard')", RULE).geofences())
                .containsExactlyInAnyOrder("yard", "dock");
        assertThat(Expression.compile("t > 3", RULE).geofences()).isEmpty();
        assertThat(Template.compile("${inside('yard') ? 'in' : 'out'} ${inside('dock')}", RULE).geofences())
                .containsExactlyInAnyOrder("yard", "dock");
        assertThatThrownBy(() -> Expression.compile("inside('yard')", Vocabulary.device()))
                .hasMessageContaining("cannot be called here");
        assertThatThrownBy(() -> Expression.compile("inside('yard')", Vocabulary.processing()))
                .hasMessageContaining("cannot be called here");
    }

    @Test
    void statementsDecideAndReturn() {
        world.metric("t", 5.0);
        check("if (t > 3) return 'high'; return 'low';", "high");
        check("if (t > 7) { return 'high'; } else if (t > 4) { return 'middle'; } return 'low';", "middle");
        check("let x = 1; if (t > 3) x = 2; x * 10", 20.0);
        check("let x; { const y = 3; x = y; } x += 4; return x;", 7.0);
        check("if (t > 7) return true;", null);
        check("const a = 1, b = a + 1; if (b > 1) { const a = 5; return a + b; } return a;", 7.0);
        check("if (t > 3) 'a'; else 'b';", "a");
        check("if (t > 3) { 'a' };", "a");
        check("let x = 1; x = 2; return undefined;", null);
        check("let x = 1; x = 2;", 2.0);
        check("return", null);
        check("// a comment\n t /* another */ * 2", 10.0);
    }

    @Test
    void knowsWhetherTimeAloneChangesTheAnswer() {
        assertThat(Expression.compile("temperature > 30 && timestamp > 0", RULE).readsTime()).isFalse();
        assertThat(Expression.compile("hoursSince(metadata.calibrated) > 24", RULE).readsTime()).isTrue();
        assertThat(Expression.compile("count(temperature, '5m') === 0", RULE).readsTime()).isTrue();
        assertThat(Expression.compile("metrics.temperature.count === 0", RULE).readsTime()).isTrue();
    }

    @Test
    void objectsAreReadByTheirFields() {
        world.metadata("{\"limits\":{\"high\":40,\"low\":null},\"tags\":[\"a\",\"b\"],\"site\":\"North\"}");
        check("metadata.limits.high", 40.0);
        check("metadata['limits']['high']", 40.0);
        check("metadata.limits.low === null", true);
        check("metadata.none === undefined", true);
        check("metadata.none?.x.y.z", null);
        check("metadata.none?.x.y ?? 7", 7.0);
        check("metadata.tags[1] + metadata.tags.length", "b2");
        check("metadata.tags[2]", null);
        check("metadata.limits === metadata.limits", true);
        check("`${metadata.site}: ${metadata.limits.high + 1} ${metadata.tags}`", "North: 41 a,b");
        check("metadata.limits", new java.util.HashMap<>(Map.of("high", 40.0)) {{ put("low", null); }});
        check("metadata.tags", List.of("a", "b"));
        var afterOptional = Expression.compile("metadata.limits?.none.x", RULE);
        assertThatThrownBy(() -> afterOptional.truth(world)).isInstanceOf(EvaluationException.class);
        var bad = Expression.compile("metadata.none.x", RULE);
        assertThatThrownBy(() -> bad.truth(world)).isInstanceOf(EvaluationException.class)
                .hasMessageContaining("undefined").hasMessageContaining("?.");
    }

    @Test
    void mistakesAreAllTold() {
        var refused = Arrays.asList("averge(temperature, '5m') > 1;", "for (;;) {}");
        assertThatThrownBy(() -> Expression.compile(String.join("\n", refused), RULE))
                .isInstanceOfSatisfying(ExpressionException.class, e -> assertThat(e.mistakes()).hasSizeGreaterThan(1)
                        .first().satisfies(first -> {
                            assertThat(first.line()).isEqualTo(1);
                            assertThat(first.column()).isEqualTo(1);
                            assertThat(first.instead()).contains("Did you mean avg");
                        }));
    }

    @Test
    void theEdgesOfNumbersAndBlanksAreThoseOfJavaScript() {
        check("Math.log2(Infinity)", Double.POSITIVE_INFINITY);
        check("Math.log2(8)", 3.0);
        check("Math.round(0.49999999999999994)", 0.0);
        check("Math.round(2.5)", 3.0);
        check("Math.round(-2.5)", -2.0);
        check("Math.round(4503599627370497.5)", 4503599627370498.0);
        check("(-0.001).toFixed(2)", "-0.00");
        check("(-0).toFixed(2)", "0.00");
        check("(-1.005).toFixed(1)", "-1.0");
        check("'\u00a0\ufeff 7\u2028'.trim()", "7");
        check("Number('\u00a07\ufeff')", 7.0);
    }
}
