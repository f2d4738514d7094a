package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.live.LivePlatform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedErasureTest {
    private static final String TEXT = "the patient is called Zeynep Yilmaz";
    private static final double NUMBER = 48.210033214159;
    private static final long WHOLE = 7_301_118_220_190_333_557L;

    /// Segments as large as they are in use.
    private static final Map<String, String> USUAL =
            Map.of("journal.segment_mib", "64", "journal.budget_mib", "4096", "journal.buffer_mib", "4");

    @TempDir
    Path folder;

    @Test
    void noByteOfWhatWasErasedIsLeftInTheDataFolder() throws Exception {
        try (var platform = new LivePlatform(folder, USUAL)) {
            var device = platform.register("erased");
            var other = platform.register("other");
            for (int i = 0; i < 20; i++) {
                assertThat(platform.as(device, "POST", "/api/v1/telemetry",
                        "{\"note\":\"" + TEXT + "\",\"pulse\":" + NUMBER
                        + ",\"count\":" + WHOLE + ",\"ts\":" + (1_767_225_600_000L + i) + "}").status()).isEqualTo(201);
            }
            assertThat(platform.as(other, "POST", "/api/v1/telemetry", "{\"pulse\":1}").status()).isEqualTo(201);
            var secrets = List.of(TEXT.getBytes(StandardCharsets.UTF_8),
                    FolderSearch.big(Double.doubleToLongBits(NUMBER)),
                    FolderSearch.little(Double.doubleToLongBits(NUMBER)), FolderSearch.big(WHOLE));
            var journal = folder.resolve("journal");
            assertThat(FolderSearch.filesWith(journal, TEXT.getBytes(StandardCharsets.UTF_8))).isNotEmpty();

            var answer = platform.asOperator("DELETE", "/api/v1/telemetry/erased",
                    "{\"start_time\":\"2026-01-01T00:00:00Z\",\"stop_time\":\"2026-01-02T00:00:00Z\"}");

            assertThat(answer.status()).isEqualTo(200);
            for (var secret : secrets) assertThat(FolderSearch.filesWith(journal, secret)).isEmpty();
            // The store's own files follow within seconds.
            for (var secret : secrets) untilGone(secret);
            assertThat(count(platform, "erased")).isZero();
            assertThat(count(platform, "other")).isEqualTo(1);
            assertThat(platform.as(device, "POST", "/api/v1/telemetry", "{\"pulse\":2}").status()).isEqualTo(201);
            assertThat(count(platform, "erased")).isEqualTo(1);
        }
        // Neither the loss of the position nor the replay that follows brings anything back.
        Files.delete(folder.resolve("journal/store.position"));
        try (var platform = new LivePlatform(folder, USUAL)) {
            assertThat(count(platform, "erased")).isEqualTo(1);
        }
    }

    private static int count(LivePlatform platform, String device) {
        return platform.asOperator("GET", "/api/v1/telemetry/" + device + "?start_time=0", null)
                .body().path("count").asInt(-1);
    }

    private void untilGone(byte[] secret) throws IOException {
        var deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        var left = FolderSearch.filesWith(folder, secret);
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(200_000_000);
            left = FolderSearch.filesWith(folder, secret);
        }
        assertThat(left).isEmpty();
    }
}
