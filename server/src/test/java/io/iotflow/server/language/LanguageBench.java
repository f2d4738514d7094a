package io.iotflow.server.language;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Not a test: measures how long one evaluation takes, alone and after many other expressions have run, so that no call
/// of the compiled code has one target only. Argument: seconds for each figure (2 by default).
final class LanguageBench {
    private static final Vocabulary RULE = Vocabulary.rule(Duration.ofHours(24));
    private static final String THREE_SIGMA = "const avg = metrics.temperature.avg; "
            + "const std = metrics.temperature.std; return current > (avg + 3 * std);";
    private static final List<String> MEASURED = List.of("temperature > 30", THREE_SIGMA,
            "temperature > 30 && humidity < 20 || door.open === true", "avg(temperature, '5m') > metadata.limits.high",
            "mode === 'auto' && device.type === 'sensor'", "[temperature, humidity].some(x => x > 90)",
            "`${device.name} is at ${temperature}`");
    private static final int ROUNDS = 7;

    /// Keeps results from being optimized away.
    static volatile int sink;

    private LanguageBench() {}

    public static void main(String[] arguments) {
        var seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 2;
        for (var source : MEASURED.subList(0, 2)) say("alone", source, seconds);
        mix();
        for (var source : MEASURED) say("among others", source, seconds);
        var began = System.nanoTime();
        for (int i = 0; i < 2_000; i++) sink += Expression.compile(THREE_SIGMA, RULE).inputs().size();
        say("compiling it takes %.1f µs%n", (System.nanoTime() - began) / 2e6);
    }

    /// Runs many different expressions many times.
    private static void mix() {
        var others = new ArrayList<Expression>();
        for (var source : MEASURED) others.add(Expression.compile(source, RULE));
        IntStream.range(0, 20).mapToObj(i -> "(temperature * " + i + " - humidity) % 7 > " + i
                + " ? previous(temperature) ?? 1 : Math.abs(current) + timestamp").forEach(source ->
                others.add(Expression.compile(source, RULE)));
        for (int i = 0; i < 200_000; i++) {
            for (var other : others) if (other.truth(new Fixed(i))) sink++;
        }
    }

    private static void say(String how, String source, double seconds) {
        var expression = Expression.compile(source, RULE);
        var nanos = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) { // the first ones warm up
            var took = round(expression, (long) (seconds * 1e9 / (ROUNDS + 2)));
            if (round >= 0) nanos[round] = took;
        }
        Arrays.sort(nanos);
        say("%-13s %6.1f ns (from %.1f to %.1f)  %s%n", how, nanos[ROUNDS / 2], nanos[0], nanos[ROUNDS - 1], source);
    }

    private static double round(Expression expression, long length) {
        var around = new Fixed(25);
        long count = 0;
        var began = System.nanoTime();
        var took = 0L;
        while (took < length) {
            var truths = 0;
            for (int i = 0; i < 10_000; i++) {
                around.number = 20 + (i & 15);
                if (expression.truth(around)) truths++;
            }
            sink += truths;
            count += 10_000;
            took = System.nanoTime() - began;
        }
        return (double) took / count;
    }

    private static void say(String text, Object... values) {
        System.out.print(String.format(Locale.ROOT, text, values));
    }

    /// What the rule engine would have: numbers at hand.
    private static final class Fixed implements Surroundings, WindowStatistics {
        private static final com.fasterxml.jackson.databind.JsonNode METADATA =
                World.json("{\"limits\": {\"high\": 30}}");

        private double number;

        Fixed(double number) {
            this.number = number;
        }

        @Override
        public double number(int input) {
            return number;
        }

        @Override
        public Object value(int input) {
            return number;
        }

        @Override
        public WindowStatistics window(int input) {
            return this;
        }

        @Override
        public Object current() {
            return number;
        }

        @Override
        public double currentNumber() {
            return number;
        }

        @Override
        public long timeMicros() {
            return 1_769_860_800_000_000L;
        }

        @Override
        public Object device(String field) {
            return "sensor";
        }

        @Override
        public com.fasterxml.jackson.databind.JsonNode metadata() {
            return METADATA;
        }

        @Override
        public com.fasterxml.jackson.databind.JsonNode shadow() {
            return METADATA;
        }

        @Override
        public boolean inside(String geofence) {
            return false;
        }

        @Override
        public Object local(String name) {
            return number;
        }

        @Override
        public long count() {
            return 100;
        }

        @Override
        public double mean() {
            return 22;
        }

        @Override
        public double standardDeviation() {
            return 3;
        }

        @Override
        public double min() {
            return 10;
        }

        @Override
        public double max() {
            return 40;
        }

        @Override
        public double first() {
            return 20;
        }

        @Override
        public double last() {
            return number;
        }

        @Override
        public long firstMicros() {
            return 0;
        }

        @Override
        public long lastMicros() {
            return 60_000_000;
        }
    }
}
