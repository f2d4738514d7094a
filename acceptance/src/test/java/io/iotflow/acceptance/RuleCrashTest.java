package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whenever the platform was killed, its rules have raised the alerts that history says they should have: none is lost,
/// none is doubled, none is invented. `-Diotflow.soak=true` kills it more often.
class RuleCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("iotflow.soak") ? 20 : 2;
    private static final int DEVICES = 4;
    private static final Random RANDOM = new Random(Long.getLong("iotflow.seed", 20_260_101));
    private static final List<String> CONDITIONS = List.of(
            "'v > 0'",
            "{'type':'expression','expression':'v > 0','hold':'50ms'}",
            "{'type':'sequence','first':'v > 1','then':'v < 1','within':'20ms'}",
            "{'type':'count','of':'v > 1','at_least':5,'within':'200ms'}",
            "{'type':'absence','metric':'v','for':'1s'}");

    @TempDir
    Path folder;

    private final List<PackagedPlatform.Device> devices = new ArrayList<>();
    private final List<String> rules = new ArrayList<>();

    @Test
    void alertsAreWhatHistorySaysTheyShouldBeWheneverItWasKilled() throws Exception {
        var data = folder.resolve("data");
        var platform = PackagedPlatform.start(data);
        try {
            for (var n = 0; n < DEVICES; n++) devices.add(platform.register("watched-" + n));
            for (var condition : CONDITIONS) rules.add(made(platform, condition));
            var start = Instant.now();
            for (var round = 1; round <= ROUNDS; round++) {
                measureUntilKilled(platform);
                platform = PackagedPlatform.start(data);
            }
            var running = platform;
            devices.forEach(device -> measure(running, device, 0));
            // By then every hold and count has run out, and the rules have waited for what might be under way.
            var end = Instant.now().plusSeconds(3);
            var total = 0;
            for (var rule : rules) total += compare(platform, rule, start, end);
            System.out.println(total + " alerts as history says");
            assertThat(total).isGreaterThan(100);
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            platform.close();
        }
    }

    private static String made(PackagedPlatform platform, String condition) {
        var answer = platform.asAdmin("POST", "/api/v1/rules", "{'name':'rule %d','condition':%s}"
                .formatted(RANDOM.nextInt(), condition).replace('\'', '"'));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().path("id").asText();
    }

    private static void measure(PackagedPlatform platform, PackagedPlatform.Device device, int value) {
        var now = Instant.now();
        var micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
        var answer = platform.as(device, "POST", "/api/v1/telemetry", "{\"ts\":" + micros + ",\"values\":{\"v\":"
                + value + "}}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private void measureUntilKilled(PackagedPlatform platform) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        var done = new AtomicInteger();
        for (var device : devices) {
            var random = new Random(RANDOM.nextLong());
            threads.add(Thread.startVirtualThread(() -> {
                var value = 0;
                try {
                    while (true) {
                        if (random.nextInt(4) == 0) value = random.nextInt(3);
                        measure(platform, device, value);
                        done.incrementAndGet();
                    }
                } catch (UncheckedIOException | AssertionError _) {
                    // Killed. Whether the last one was kept, history will tell.
                }
            }));
        }
        Await.until("measurements flow", Duration.ofSeconds(30), () -> done.get() > 500);
        LockSupport.parkNanos(Duration.ofMillis(RANDOM.nextInt(20, 1_500)).toNanos());
        var tree = platform.processTree();
        platform.kill9();
        for (var thread : threads) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        Await.until("no process is left", Duration.ofSeconds(30),
                () -> tree.stream().noneMatch(ProcessHandle::isAlive));
    }

    /// @return how many alerts there are
    private static int compare(PackagedPlatform platform, String rule, Instant start, Instant end) {
        var would = new ArrayList<String>();
        var kept = new ArrayList<String>();
        Await.until("the alerts of rule " + rule + " to be as history says", Duration.ofSeconds(30), () -> {
            replay(platform, rule, start, end, would);
            kept.clear();
            for (var alert : all(platform, rule)) kept.add(line(alert, "cleared_at"));
            kept.sort(null);
            return Instant.now().isAfter(end.plusSeconds(3)) || kept.equals(would);
        });
        assertThat(kept).as("rule " + rule).isEqualTo(would);
        return kept.size();
    }

    private static void replay(PackagedPlatform platform, String rule, Instant start, Instant end, List<String> would) {
        var asked = platform.asAdmin("POST", "/api/v1/rules/" + rule + "/replay", "{\"start_time\":\"" + start
                + "\",\"end_time\":\"" + end + "\"}");
        assertThat(asked.status()).as(asked.body()).isEqualTo(202);
        var path = "/api/v1/rules/replays/" + asked.json().path("id").asText();
        Await.until("the replay to end", Duration.ofSeconds(30),
                () -> !platform.asAdmin(path).json().path("state").asText().equals("running"));
        var done = platform.asAdmin(path).json();
        assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("done");
        would.clear();
        for (var alert : done.at("/would/alerts")) would.add(line(alert, "ended_at"));
        would.sort(null);
    }

    private static List<JsonNode> all(PackagedPlatform platform, String rule) {
        var all = new ArrayList<JsonNode>();
        for (var cursor = ""; cursor != null; ) {
            var page = platform.asAdmin("/api/v1/alerts?limit=1000&rule=" + rule + cursor).json();
            page.path("alerts").forEach(all::add);
            cursor = page.path("next_cursor").isNull() ? null : "&cursor=" + page.path("next_cursor").asText();
        }
        return all;
    }

    private static String line(JsonNode alert, String ended) {
        return alert.path("device_id").asText() + " " + alert.path("began_at").asText() + " "
                + alert.path(ended).asText("open");
    }
}
