package io.iotflow.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.simulator.model.DeviceType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The same devices, over HTTP.
@Timeout(60)
class HttpSimulationTest {
    @TempDir
    Path folder;
    private StandInPlatform platform;

    @BeforeEach
    void start() throws Exception {
        platform = new StandInPlatform();
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
    }

    private Simulation tenMinutes() {
        var fleet = Fleet.of("h", Map.of(DeviceType.THERMOSTAT, 1, DeviceType.CAMERA, 1), Optional.empty());
        var pace = new Pace(1, 10_000, Optional.of(Instant.parse("2026-01-07T08:00:00Z")),
                Optional.of(Duration.ofMinutes(10)), Optional.empty());
        return Simulation.start(SimulationOptions.of(platform.target(Target.Protocol.HTTP), fleet,
                folder.resolve("keys.json")).with(pace));
    }

    private static Progress finish(Simulation simulation) throws InterruptedException {
        try (simulation) {
            assertThat(simulation.await(Duration.ofSeconds(40))).as("finished").isTrue();
            return simulation.progress();
        }
    }

    @Test
    void postsTelemetryWithTheDevicesKey() throws Exception {
        var progress = finish(tenMinutes());
        assertThat(progress.acknowledged()).isEqualTo(progress.sent()).isBetween(36L, 42L);
        assertThat(platform.requestsTo("/devices/telemetry")).hasSize((int) progress.sent())
                .allSatisfy(request -> assertThat(request.body().path("data").isEmpty()).isFalse());
        assertThat(platform.requestsTo("/devices/heartbeat")).isNotEmpty();
    }

    @Test
    void sendsAgainWhatThePlatformWasTooBusyFor() throws Exception {
        platform.upsets.addAll(List.of(503, 429));
        var progress = finish(tenMinutes());
        assertThat(progress.acknowledged()).isEqualTo(progress.sent());
        assertThat(progress.refused()).isZero();
        assertThat(platform.requestsTo("/devices/telemetry")).hasSize((int) progress.sent() + 2);
    }

    @Test
    void countsWhatIsRefusedAndGoesOn() throws Exception {
        platform.upsets.addAll(List.of(422));
        var progress = finish(tenMinutes());
        assertThat(progress.refused()).isEqualTo(1);
        assertThat(progress.acknowledged()).isEqualTo(progress.sent() - 1);
        assertThat(progress.lastProblem()).isEqualTo("refused: 422 not now");
    }

    @Test
    void aServerErrorCountsAsALostConnection() throws Exception {
        platform.upsets.addAll(List.of(500));
        var progress = finish(tenMinutes());
        assertThat(progress.acknowledged()).isEqualTo(progress.sent());
        assertThat(progress.reconnects()).isEqualTo(1);
    }
}
