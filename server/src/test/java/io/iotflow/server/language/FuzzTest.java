package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random sources, most of them nearly valid: each is compiled or refused, evaluated or ended, within its cost, and the
/// three ways to ask agree. Two seconds; `-Diotflow.fuzz.seconds=600` for more, `-Diotflow.fuzz.seed=…` for the same.
class FuzzTest {
    private static final int MILLIS = 500;
    private static final int BYTES = 32 << 20;
    private static final Vocabulary[] VOCABULARIES = {Vocabulary.rule(java.time.Duration.ofHours(1)),
            Vocabulary.device(), Vocabulary.processing(), Vocabulary.decoder()};

    private int compiled;
    private int refused;
    private int ended;

    @Test
    void noSourceDoesHarm() {
        var seed = Long.getLong("iotflow.fuzz.seed", System.nanoTime());
        var until = System.nanoTime() + Integer.getInteger("iotflow.fuzz.seconds", 2) * 1_000_000_000L;
        for (long i = seed; System.nanoTime() < until; i++) {
            var random = new Random(i);
            var vocabulary = VOCABULARIES[random.nextInt(VOCABULARIES.length)];
            var maker = new SourceMaker(random, vocabulary);
            var source = random.nextInt(3) == 0 ? maker.mutated(maker.program()) : maker.program();
            var text = "seed " + i + ": " + source;
            try {
                var cost = Cost.of(() -> check(source, vocabulary, text, random));
                assertThat(cost.cpuMillis()).as(text).isLessThan(MILLIS);
                assertThat(cost.bytes()).as(text).isLessThan(BYTES);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError(text, e);
            }
        }
        var found = compiled + " compiled, " + refused + " refused, " + ended + " ended";
        assertThat(compiled).as(found).isGreaterThan(refused / 10).isPositive();
        assertThat(ended).as(found).isLessThan(compiled);
        if (Boolean.getBoolean("iotflow.fuzz.say")) System.out.println(found);
    }

    private void check(String source, Vocabulary vocabulary, String text, Random random) {
        Expression expression;
        try {
            expression = Expression.compile(source, vocabulary);
        } catch (ExpressionException e) {
            refused++;
            assertThat(e.mistakes()).as(text).isNotEmpty().allSatisfy(mistake -> {
                assertThat(mistake.line()).isBetween(1, 1 + (int) source.chars().filter(c -> c == '\n').count());
                assertThat(mistake.column()).isBetween(1, source.length() + 1);
                assertThat(mistake.message()).isNotBlank();
                assertThat(mistake.instead()).isNotBlank();
            });
            return;
        }
        compiled++;
        var world = world(random).seenBy(expression);
        try {
            var value = expression.value(world);
            assertThat(expression.value(world)).as(text).isEqualTo(value);
            var truth = switch (value) {
                case null -> false;
                case Double number -> number != 0 && !number.isNaN();
                case Boolean bool -> bool;
                case String string -> !string.isEmpty();
                default -> true;
            };
            assertThat(expression.truth(world)).as(text).isEqualTo(truth);
            var number = value instanceof Double given ? given : Double.NaN;
            assertThat(Objects.equals(number, expression.number(world)) || number == expression.number(world))
                    .as(text + " is " + value + ", as a number " + expression.number(world)).isTrue();
        } catch (EvaluationException e) {
            ended++;
            assertThat(e.getMessage()).as(text).isNotBlank();
        }
    }

    private static World world(Random random) {
        var world = new World();
        Object[] values = {1.5, 0.0, -3, "text", "", "12", true, false, null, Double.NaN, 1e300, 41L};
        for (var name : SourceMaker.METRICS) {
            var value = values[random.nextInt(values.length)];
            if (value != null) world.metric(name, value);
            if (random.nextBoolean()) world.window(name, random.doubles(random.nextInt(4)).toArray());
        }
        world.metadata("{\"a\":{\"b\":[1,\"x\",null,{\"c\":true}]},\"xs\":[3,1,2],\"s\":\"some text\",\"n\":7}");
        world.current(values[random.nextInt(values.length)]).local("value", values[random.nextInt(values.length)])
                .local("payload", "12,a;{\"x\":1}").local("bytes", new byte[random.nextInt(2_000)]);
        return world;
    }
}
