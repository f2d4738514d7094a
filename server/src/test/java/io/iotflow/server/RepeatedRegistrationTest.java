package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.http.Json;
import io.iotflow.server.live.LivePlatform;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatedRegistrationTest {
    @TempDir
    Path folder;

    @Test
    void twoAtOnceWithOneKeyRegisterOneDevice() throws Exception {
        try (var platform = new LivePlatform(folder, Map.of());
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var round = 0; round < 20; round++) {
                var name = "twice-" + round;
                var together = new CyclicBarrier(2);
                Callable<String> registration = () -> {
                    together.await(10, TimeUnit.SECONDS);
                    return untilAnswered(platform, name);
                };
                var one = callers.submit(registration);
                var other = callers.submit(registration);
                assertThat(one.get()).isEqualTo(other.get());
                var device = Json.mapper().readTree(one.get()).path("device");
                assertThat(device.path("name").asText()).isEqualTo(name);
                assertThat(device.path("api_key").asText()).hasSize(32);
            }
            assertThat(platform.asOperator("GET", "/api/v1/admin/devices", null).body().path("total").asInt())
                    .isEqualTo(20);
        }
    }

    /// As a client does it: who comes second waits and asks again.
    private static String untilAnswered(LivePlatform platform, String name) throws Exception {
        while (true) {
            var answer = register(platform, name);
            if (answer.statusCode() == 201) return answer.body();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
            assertThat(answer.body()).contains("in_progress");
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static HttpResponse<String> register(LivePlatform platform, String name) throws Exception {
        return platform.client().send(HttpRequest.newBuilder(platform.uri("/api/v1/devices/register"))
                .header("Content-Type", "application/json").header("Idempotency-Key", name)
                .POST(BodyPublishers.ofString("{\"name\":\"" + name + "\",\"device_type\":\"probe\"}")).build(),
                BodyHandlers.ofString());
    }
}
