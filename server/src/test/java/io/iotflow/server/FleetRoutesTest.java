package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.http.OpenApiContract;
import io.iotflow.server.live.LivePlatform;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The figures of the whole fleet are those of what was registered and sent.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FleetRoutesTest {
    private LivePlatform platform;
    private OpenApiContract contract;

    @BeforeAll
    void start(@TempDir Path folder) {
        platform = new LivePlatform(folder, Map.of());
        contract = new OpenApiContract(platform.uri("/"));
        for (var n = 1; n <= 11; n++) {
            var device = platform.register("fleet-" + n);
            if (n > 3) continue;
            for (var m = 0; m < n; m++) {
                assertThat(platform.as(device, "POST", "/api/v1/telemetry", "{\"t\":1,\"u\":\"x\"}").status())
                        .isEqualTo(201);
            }
        }
        assertThat(platform.asOperator("DELETE", "/api/v1/admin/devices/fleet-11", null).status()).isEqualTo(200);
    }

    @AfterAll
    void stop() {
        contract.close();
        platform.close();
    }

    @Test
    void theDashboardShowsWhatThereIs() {
        var seen = asDocumented("/api/v1/admin/dashboard", "");
        assertThat(seen.at("/devices/total").asInt()).isEqualTo(10);
        assertThat(seen.at("/devices/online").asInt()).isEqualTo(3);
        assertThat(seen.at("/devices/offline").asInt()).isEqualTo(7);
        assertThat(seen.at("/devices/by_status/decommissioned").asInt()).isEqualTo(1);
        assertThat(seen.at("/devices/by_type/test").asInt()).isEqualTo(10);
        assertThat(seen.at("/telemetry/messages_total").asInt()).isEqualTo(6);
        assertThat(seen.at("/telemetry/points_total").asInt()).isEqualTo(12);
        assertThat(seen.at("/telemetry/points_per_second").asDouble()).isEqualTo(12.0 / 60);
        assertThat(seen.at("/recent_devices")).hasSize(10);
        assertThat(seen.at("/recent_devices/0/name").asText()).isEqualTo("fleet-10");
        assertThat(seen.at("/system/status").asText()).isEqualTo("healthy");
    }

    @Test
    void analyticsCountTheMeasurementsOfASpan() {
        var day = asDocumented("/api/v1/admin/analytics", "");
        assertThat(day.at("/telemetry/points").asInt()).isEqualTo(12);
        assertThat(day.at("/telemetry/window").asText()).isEqualTo("5m");
        assertThat(day.at("/devices/registered").asInt()).isEqualTo(11);
        assertThat(day.at("/devices/active_reporting").asInt()).isEqualTo(3);
        assertThat(day.at("/devices/top_reporters/0/device_name").asText()).isEqualTo("fleet-3");
        assertThat(day.at("/devices/top_reporters/0/points").asInt()).isEqualTo(6);
        var before = asDocumented("/api/v1/admin/analytics", "?from=-7d&to=-6d");
        assertThat(before.at("/telemetry/points").asInt()).isZero();
        assertThat(before.at("/devices/registered").asInt()).isZero();
        assertThat(platform.asOperator("GET", "/api/v1/admin/analytics?from=-1h&to=-2h", null).status())
                .isEqualTo(422);
    }

    private JsonNode asDocumented(String path, String query) {
        var answer = platform.asOperator("GET", path + query, null);
        assertThat(answer.status()).as(answer.whole().body()).isEqualTo(200);
        var operation = contract.operations().stream().filter(it -> it.path().equals(path)).findFirst().orElseThrow();
        assertThat(contract.differences(operation, answer.whole())).isEmpty();
        return answer.body();
    }
}
