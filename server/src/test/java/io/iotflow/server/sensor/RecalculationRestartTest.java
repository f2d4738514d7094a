package io.iotflow.server.sensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.live.LivePlatform.Known;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known of recalculations when the platform has stopped meanwhile.
class RecalculationRestartTest {
    private static final int ROWS = 20_000;
    private static final long START = 1_767_225_600;

    @TempDir
    Path folder;

    @Test
    void aRestartShowsWhatWasDoneAndWhatWasInterruptedAndTheRestCanBeDone() {
        Known device;
        String done;
        String cut;
        try (var platform = new LivePlatform(folder, Map.of())) {
            device = platform.register("recalculated");
            set(platform, device, "", "{\"name\":\"s\",\"metric\":\"t\"}");
            for (var from = 0; from < ROWS; from += 5_000) send(platform, device, from, 5_000);
            set(platform, device, "/s/calibrations", "{\"multiplier\":2}");
            done = started(platform, device, START, START + 10);
            assertThat(ended(platform, done).path("state").asText()).isEqualTo("done");
            cut = started(platform, device, START, START + ROWS);
        }
        try (var platform = new LivePlatform(folder, Map.of())) {
            var before = recalculation(platform, done);
            assertThat(before.path("state").asText()).isEqualTo("done");
            assertThat(before.path("id").asText()).isEqualTo(done);
            assertThat(before.path("changed").asInt()).isEqualTo(10);
            var interrupted = recalculation(platform, cut);
            assertThat(interrupted.path("state").asText()).isIn("interrupted", "done");
            assertThat(platform.asOperator("GET", "/api/v1/audit?action=telemetry.recalculated", null).body()
                    .at("/entries/0").toString()).contains(interrupted.path("state").asText());
            var rest = ended(platform, started(platform, device, START, START + ROWS));
            assertThat(rest.path("changed").asInt() + interrupted.path("changed").asInt()).isEqualTo(ROWS - 10);
            assertThat(platform.asOperator("DELETE", "/api/v1/recalculations/" + cut, null).status()).isEqualTo(204);
            assertThat(platform.asOperator("GET", "/api/v1/recalculations/999999", null).status()).isEqualTo(404);
        }
    }

    private static void set(LivePlatform platform, Known device, String path, String body) {
        var answer = platform.asOperator("POST", "/api/v1/devices/" + device.id() + "/sensors" + path, body);
        assertThat(answer.status()).as(answer.whole().body()).isBetween(200, 201);
    }

    private static void send(LivePlatform platform, Known device, int from, int count) {
        var records = IntStream.range(from, from + count).mapToObj(n -> "{\"t\":" + (n + 1) + ",\"ts\":"
                + (START + n) * 1000 + "}").collect(Collectors.joining("\n"));
        assertThat(platform.as(device, "POST", "/api/v1/telemetry/batch", records, "Content-Type",
                "application/x-ndjson").status()).isEqualTo(201);
    }

    private static String started(LivePlatform platform, Known device, long from, long to) {
        var made = platform.asOperator("POST", "/api/v1/devices/" + device.id() + "/sensors/s/recalculate",
                "{\"from\":" + from + ",\"to\":" + to + "}");
        assertThat(made.status()).as(made.whole().body()).isEqualTo(202);
        return made.body().path("id").asText();
    }

    private static JsonNode recalculation(LivePlatform platform, String id) {
        return platform.asOperator("GET", "/api/v1/recalculations/" + id, null).body();
    }

    private static JsonNode ended(LivePlatform platform, String id) {
        return TestPlatform.await(() -> recalculation(platform, id),
                it -> !it.path("state").asText().equals("running"));
    }
}
