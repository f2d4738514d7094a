package io.iotflow.server.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.live.LivePlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A store that is far too slow, behind a small log.
class OverloadTest {
    @TempDir
    Path folder;

    @Test
    void aFullLogIsToldWithTheTimeToComeBackAndLosesNothing() {
        try (var platform = new LivePlatform(folder, Map.of("bench.store", "slow", "journal.segment_mib", "2",
                "journal.budget_mib", "6", "journal.buffer_mib", "2", "journal.durability", "os"))) {
            var device = platform.register("flood");
            var text = "x".repeat(200_000);
            var kept = 0;
            LivePlatform.Answer answer;
            do {
                answer = platform.as(device, "POST", "/api/v1/telemetry",
                        "{\"n\":" + kept + ",\"text\":\"" + text + "\",\"ts\":" + (1_767_225_600_000L + kept) + "}");
                if (answer.status() == 201) kept++;
            } while (answer.status() == 201 && kept < 1_000);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body().path("code").asText()).isEqualTo("overloaded");
            assertThat(answer.whole().headers().firstValue("Retry-After")).contains("1");
            var deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            do {
                answer = platform.as(device, "GET", "/api/v1/telemetry/flood/aggregated?start_time=0&window=1d"
                        + "&field=n&aggregation=count", null);
            } while ((answer.body().has("stale_by_ms") || answer.status() != 200) && System.nanoTime() < deadline);
            long stored = 0;
            for (var row : answer.body().path("data")) stored += row.path("value").asLong();
            assertThat(stored).isEqualTo(kept);
        }
    }
}
