package io.iotflow.protocol;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/// What one message costs to decode. Run by hand: `java -cp … io.iotflow.protocol.DecodeTiming`.
final class DecodeTiming {
    private static final int ROUNDS = 6;
    private static final int MESSAGES = 2_000_000;

    public static void main(String[] arguments) throws PayloadException {
        var messages = List.of(
                "{\"temperature\":23.5,\"humidity\":65,\"pressure\":1013.2,\"ts\":1767225600000}",
                "{\"data\":{\"temperature\":23.5,\"door\":{\"open\":true}},\"timestamp\":\"2026-01-01T00:00:00Z\"}",
                "{\"ts\":1767225600,\"values\":{\"temperature\":23.5}}");
        var decoder = new TelemetryDecoder(TelemetryLimits.STANDARD);
        var received = Instant.parse("2026-03-01T12:00:00Z");
        for (var message : messages) {
            var bytes = message.getBytes(StandardCharsets.UTF_8);
            var best = Long.MAX_VALUE;
            var sum = 0L;
            for (int round = 0; round < ROUNDS; round++) {
                var start = System.nanoTime();
                for (int i = 0; i < MESSAGES; i++) sum += decoder.decode(bytes, 0, bytes.length, received).size();
                best = Math.min(best, System.nanoTime() - start);
            }
            System.out.println(best / MESSAGES + " ns  " + message + "  (" + sum + " measurements)");
        }
    }
}
