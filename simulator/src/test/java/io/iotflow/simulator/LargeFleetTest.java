package io.iotflow.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.simulator.model.DeviceType;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What one process is meant to carry.
class LargeFleetTest {
    @TempDir
    Path folder;

    @Test
    @Timeout(120)
    void aThousandDevicesShareAFewThreads() throws Exception {
        try (var platform = new StandInPlatform()) {
            var counts = new EnumMap<DeviceType, Integer>(DeviceType.class);
            for (var type : DeviceType.values()) counts.put(type, type == DeviceType.CAMERA ? 165 : 167);
            var options = SimulationOptions.of(platform.target(Target.Protocol.MQTT),
                    Fleet.of("mass", counts, Optional.of(Profile.HIGH_FREQUENCY)), folder.resolve("keys.json"));
            try (var simulation = Simulation.start(
                options.with(Pace.realTime(1).withDuration(Duration.ofSeconds(15))))) {
                assertThat(simulation.await(Duration.ofSeconds(90))).isTrue();
                var progress = simulation.progress();
                assertThat(progress.devices()).isEqualTo(1_000);
                assertThat(progress.acknowledged()).isEqualTo(progress.sent()).isGreaterThanOrEqualTo(2_500);
                assertThat(ManagementFactory.getThreadMXBean().getPeakThreadCount()).isLessThan(200);
                System.out.println("a thousand devices: " + Summary.line(progress, 0));
            }
        }
    }
}
