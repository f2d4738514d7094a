package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A recalculation during which the platform is killed has done part of its work. Done again, it does the rest, and
/// nothing twice. Only with `-Diotflow.soak=true`, because another node might be at it for 45 s.
@EnabledIfSystemProperty(named = "iotflow.soak", matches = "true")
class RecalculationCrashTest {
    private static final int ROWS = 60_000;
    private static final int ROWS_A_CALL = 5_000;
    private static final long START = 1_767_225_600;

    @TempDir
    Path folder;

    @Test
    void valuesAreCalibratedOnceThoughItWasKilledInBetween() {
        var data = folder.resolve("data");
        var platform = PackagedPlatform.start(data);
        try {
            var device = platform.register("recalculated");
            var sensors = "/api/v1/devices/" + device.id() + "/sensors";
            made(platform, sensors, "{\"name\":\"s\",\"metric\":\"t\"}");
            for (var from = 0; from < ROWS; from += ROWS_A_CALL) send(platform, device, from);
            made(platform, sensors + "/s/calibrations", "{\"multiplier\":3,\"offset\":1}");
            var cut = started(platform, sensors);
            var running = platform;
            Await.until("some of it to be done", Duration.ofSeconds(30),
                    () -> seen(running, cut).path("changed").asInt() > 0);
            var tree = platform.processTree();
            platform.kill9();
            Await.until("no process is left", Duration.ofSeconds(30),
                    () -> tree.stream().noneMatch(ProcessHandle::isAlive));
            platform = PackagedPlatform.start(data);
            var again = platform;
            Await.until("it to be known as interrupted", Duration.ofSeconds(60),
                    () -> seen(again, cut).path("state").asText().equals("interrupted"));
            var rest = started(platform, sensors);
            Await.until("the rest to be done", Duration.ofSeconds(60),
                    () -> !seen(again, rest).path("state").asText().equals("running"));
            var done = seen(platform, rest);
            assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("done");
            assertThat(done.path("changed").asInt()).as(done.toString()).isBetween(1, ROWS - 1);
            var rows = platform.asAdmin("/api/v1/telemetry/" + device.id() + "/export?fields=t&start_time=" + START
                    + "&end_time=" + (START + ROWS)).body().lines().skip(1)
                    .map(line -> line.substring(line.indexOf(',') + 1)).toList();
            assertThat(rows).isEqualTo(IntStream.range(0, ROWS).mapToObj(n -> Double.toString(3 * n + 1)).toList());
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            platform.close();
        }
    }

    private static JsonNode made(PackagedPlatform platform, String path, String body) {
        var answer = platform.asAdmin("POST", path, body);
        assertThat(answer.status()).as(answer.body()).isBetween(200, 202);
        return answer.json();
    }

    private static void send(PackagedPlatform platform, PackagedPlatform.Device device, int from) {
        var records = IntStream.range(from, from + ROWS_A_CALL)
                .mapToObj(n -> "{\"ts\":" + (START + n) * 1_000 + ",\"values\":{\"t\":" + n + "}}")
                .collect(Collectors.joining(",", "[", "]"));
        var answer = platform.as(device, "POST", "/api/v1/telemetry/batch", records);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private static String started(PackagedPlatform platform, String sensors) {
        return made(platform, sensors + "/s/recalculate", "{\"from\":" + START + ",\"to\":" + (START + ROWS) + "}")
                .path("id").asText();
    }

    private static JsonNode seen(PackagedPlatform platform, String recalculation) {
        return platform.asAdmin("/api/v1/recalculations/" + recalculation).json();
    }
}
