package io.iotflow.server.sensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Sensors on two nodes over one database.
class SensorsTest {
    private final Audit audit = new Audit(SharedDatabase.open(), InstantSource.system());
    private final Sensors here = new Sensors(SharedDatabase.open(), audit, InstantSource.system());
    private final Sensors there = new Sensors(SharedDatabase.open(), audit, InstantSource.system());

    private Device device(String name) {
        return new DeviceRegistry(SharedDatabase.open(), DeviceConfig.standard(), SharedDatabase.metadata(), audit,
                InstantSource.system()).register(Actor.PLATFORM, name, Profile.of("probe"), DeviceStatus.ACTIVE)
                .device();
    }

    private static Sensor.Content content(double offset, Optional<Instant> due) {
        return new Sensor.Content("s", "t", "K", "", new Calibration(1, offset, Double.NEGATIVE_INFINITY, 9),
                Optional.empty(), Optional.empty(), due);
    }

    @Test
    void whatOneNodeChangesTheOtherTakesUpAndTells() {
        var device = device("sensors-a");
        List<DeviceId> told = new CopyOnWriteArrayList<>();
        there.onChange(told::add);
        var made = here.create(Actor.PLATFORM, device, content(1, Optional.of(Instant.EPOCH)));
        assertThat(here.of(device.id())).containsExactly(made);
        TestPlatform.await(() -> there.of(device.id()), List.of(made)::equals);
        TestPlatform.await(() -> told, it -> it.contains(device.id()));
        assertThat(there.calibrationDue(device.id())).contains(Instant.EPOCH);
        assertThat(there.units(device.id())).containsEntry("t", "K");
        var steps = there.steps(device.id());
        assertThat(steps.isEmpty()).isFalse();
        here.change(Actor.PLATFORM, device, made.id(), OptionalLong.of(1), content(2, Optional.empty()));
        TestPlatform.await(() -> there.steps(device.id()), now -> now != steps);
        here.delete(Actor.PLATFORM, device, made.id(), OptionalLong.of(2));
        TestPlatform.await(() -> there.of(device.id()), List::isEmpty);
        assertThat(there.steps(device.id()).isEmpty()).isTrue();
    }

    @Test
    void aNodeThatStartsKnowsAllOfThem() {
        var device = device("sensors-b");
        var made = here.create(Actor.PLATFORM, device, content(1, Optional.empty()));
        assertThat(new Sensors(SharedDatabase.open(), audit, InstantSource.system()).of(device.id()))
                .containsExactly(made);
    }
}
