package io.iotflow.server.device;

import static io.iotflow.server.core.Actor.PLATFORM;
import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final Database database = SharedDatabase.open();
    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final InstantSource clock = now::get;
    private final DeviceRegistry registry =
            new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(),
                    new Audit(database, clock), clock);

    @Test
    void deviceIsOnlineForTheTimeoutAfterItWasHeardOf() {
        var device = device();
        try (var presence = presence()) {
            assertThat(presence.of(device)).isEqualTo(new Presence.State(false, Optional.empty(), 0));
            presence.seen(device, now.get());
            assertThat(presence.isOnline(device)).isTrue();
            pass(Duration.ofSeconds(299));
            assertThat(presence.isOnline(device)).isTrue();
            pass(Duration.ofSeconds(1));
            assertThat(presence.isOnline(device)).isFalse();
            assertThat(presence.of(device).lastSeen()).contains(START);
        }
    }

    @Test
    void connectedDeviceIsOnlineHoweverSilentUntilItsLastConnectionEnds() {
        var device = device();
        try (var presence = presence()) {
            presence.connected(device, "a", now.get());
            presence.connected(device, "b", now.get());
            pass(Duration.ofHours(1));
            presence.disconnected(device, "a", now.get());
            presence.disconnected(device, "unknown", now.get());
            pass(Duration.ofHours(1));
            assertThat(presence.isOnline(device)).isTrue();
            presence.disconnected(device, "b", now.get());
            pass(Duration.ofMinutes(5));
            assertThat(presence.isOnline(device)).isFalse();
        }
    }

    @Test
    void restartKeepsCountsAndLastSeenButNoConnection() {
        var device = device();
        try (var presence = presence()) {
            presence.connected(device, "a", now.get());
            presence.counted(device, 3, now.get().plusMillis(7));
        }
        pass(Duration.ofMinutes(10));
        try (var presence = presence()) {
            assertThat(presence.of(device)).isEqualTo(new Presence.State(false, Optional.of(START.plusMillis(7)), 3));
        }
    }

    @Test
    void lateMessageDoesNotMoveLastSeenBack() {
        var device = device();
        try (var presence = presence()) {
            presence.seen(device, START.plusSeconds(5));
            presence.seen(device, START);
            assertThat(presence.of(device).lastSeen()).contains(START.plusSeconds(5));
        }
    }

    @Test
    void nothingIsLostOrCountedTwiceWhileItIsWritten() throws Exception {
        var devices = List.of(device(), device(), device());
        try (var presence = presence(); var threads = Executors.newFixedThreadPool(3)) {
            for (var thread = 0; thread < 3; thread++) {
                threads.submit(() -> {
                    for (var i = 0; i < 30_000; i++) presence.counted(devices.get(i % 3), 1, START);
                });
            }
            for (var i = 0; i < 50; i++) presence.write();
        }
        try (var presence = presence()) {
            for (var device : devices) assertThat(presence.of(device).telemetryCount()).isEqualTo(30_000);
        }
    }

    @Test
    void countsOfTwoNodesAddUp() {
        var device = device();
        try (var one = presence(); var other = presence()) {
            one.counted(device, 2, now.get());
            other.counted(device, 3, now.get());
            one.write();
            other.write();
            assertThat(other.of(device).telemetryCount()).isEqualTo(5);
        }
    }

    @Test
    void tellsWhenADeviceComes() {
        var device = device();
        var heard = new ArrayList<String>();
        try (var presence = presence()) {
            presence.onChange((id, isOnline, _) -> heard.add(id + " " + isOnline));
            presence.seen(device, now.get());
            presence.seen(device, now.get());
        }
        assertThat(heard).containsExactly(device + " true");
    }

    @Test
    void decommissionedDeviceIsForgottenAtTheNextWrite() {
        var device = device();
        try (var presence = presence()) {
            presence.seen(device, now.get());
            registry.decommission(PLATFORM, device);
            presence.write();
            assertThat(presence.of(device).lastSeen()).isEmpty();
        }
    }

    @Test
    void manyDevicesAreWrittenInOneGo() {
        database.transaction(ROOT, handle -> handle.execute("""
                INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                SELECT '/1/', 'bulk-' || n, 't', 'active', now(), now() FROM generate_series(1, 12000) n"""));
        var ids = database.transaction(ROOT, handle -> handle
                .createQuery("SELECT id FROM devices WHERE name LIKE 'bulk-%'")
                .mapTo(Long.class).map(DeviceId::new).list());
        try (var presence = presence()) {
            for (var id : ids) presence.counted(id, 1, now.get());
            presence.write();
        }
        assertThat(database.<Integer, RuntimeException>transaction(ROOT, handle -> handle.createQuery("""
                SELECT count(*) FROM devices WHERE name LIKE 'bulk-%' AND telemetry_count = 1 AND last_seen = :at""")
                .bind("at", START.atOffset(java.time.ZoneOffset.UTC)).mapTo(Integer.class).one())).isEqualTo(12_000);
        database.transaction(ROOT, handle -> handle.execute("DELETE FROM devices WHERE name LIKE 'bulk-%'"));
    }

    @Test
    void messageCostsNanoseconds() {
        var device = device();
        try (var presence = presence()) {
            var best = Long.MAX_VALUE;
            for (var round = 0; round < 20; round++) {
                var began = System.nanoTime();
                for (var i = 0; i < 100_000; i++) presence.counted(device, 1, START);
                best = Math.min(best, System.nanoTime() - began);
            }
            System.out.println("presence_ns=" + best / 100_000.0);
            assertThat(best / 100_000).as("nanoseconds").isLessThan(500);
        }
    }

    private Presence presence() {
        return new Presence(database, DeviceConfig.standard(), clock);
    }

    private void pass(Duration time) {
        now.updateAndGet(at -> at.plus(time));
    }

    private DeviceId device() {
        return registry.register(PLATFORM, "presence-" + NUMBER.incrementAndGet(), Profile.of("temperature"),
                DeviceStatus.ACTIVE).device().id();
    }
}
