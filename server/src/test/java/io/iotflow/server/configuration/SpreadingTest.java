package io.iotflow.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/// A change of a type or a group on its way to its devices.
class SpreadingTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Database database = SharedDatabase.open();
    private final InstantSource clock = InstantSource.system();
    private final Map<DeviceId, List<Long>> groups = new ConcurrentHashMap<>();

    private Configurations configurations() {
        var known = new GroupsKnown() {
            @Override
            public List<Long> of(Handle handle, DeviceId device) {
                return groups.getOrDefault(device, List.of());
            }

            @Override
            public Optional<OrganizationPath> find(OrganizationPath scope, long group) {
                return Optional.of(OrganizationPath.ROOT);
            }
        };
        return new Configurations(database, ConfigurationConfig.standard(), known, new Audit(database, clock), clock);
    }

    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type() {
        return "spread-" + NUMBER.incrementAndGet();
    }

    private List<DeviceId> devices(String type, int count) {
        return database.transaction(OrganizationPath.ROOT, handle -> handle.createQuery("""
                INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                SELECT '/1/', :type || '-' || n, :type, 'active', now(), now() FROM generate_series(1, :count) AS n
                RETURNING id""").bind("type", type).bind("count", count).mapTo(Long.class).list()).stream()
                .map(DeviceId::new).toList();
    }

    private static void activate(Configurations in, Target target, String values) {
        in.versions().create(Actor.PLATFORM, new Owner(target, OrganizationPath.ROOT), json(values), "", true,
                OptionalLong.empty());
    }

    private static JsonNode values(Configurations in, DeviceId device) {
        return Content.values(in.active(OrganizationPath.ROOT, device).entries());
    }

    private long underWay() {
        return database.transaction(OrganizationPath.ROOT, handle -> handle.createQuery(
                "SELECT count(*) FROM configuration_spreads").mapTo(Long.class).one());
    }

    @Test
    void aChangeReachesEveryDeviceAlthoughTheWorkerDiesInTheMiddle() throws Exception {
        var type = type();
        var devices = new TreeSet<DeviceId>((one, other) -> Long.compare(one.value(), other.value()));
        devices.addAll(devices(type, 500));
        Set<Long> told = new ConcurrentSkipListSet<>();
        var middle = new CountDownLatch(1);
        var first = configurations();
        first.onChange(event -> {
            if (told.size() >= 150) {
                middle.countDown();
                throw new IllegalStateException("the broker has died");
            }
            if (devices.contains(event.active().device())) told.add(event.active().device().value());
        });
        activate(first, new Target.OfType(type), "{'interval':30}");
        try (var _ = new ConfigurationWorker(first)) {
            assertThat(middle.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(told).hasSize(150);

        var second = configurations();
        second.onChange(event -> {
            if (!devices.contains(event.active().device())) return;
            assertThat(event.active().version()).isOne();
            told.add(event.active().device().value());
        });
        try (var _ = new ConfigurationWorker(second)) {
            TestPlatform.await("everyone is told", () -> told.size() == 500);
            TestPlatform.await("nothing is under way", () -> underWay() == 0);
        }
        assertThat(values(second, devices.first())).isEqualTo(json("{'interval':30}"));
        assertThat(values(second, devices.last())).isEqualTo(json("{'interval':30}"));
    }

    @Test
    void groupsComeBetweenTheTypeAndTheDeviceFromTheOutermostIn() {
        var type = type();
        var device = devices(type, 2);
        var outer = 1_000_000L + NUMBER.incrementAndGet();
        var inner = 1_000_000L + NUMBER.incrementAndGet();
        groups.put(device.getFirst(), List.of(outer, inner));
        var it = configurations();
        activate(it, new Target.OfType(type), "{'a':'type','b':'type','c':'type','d':'type'}");
        activate(it, new Target.OfGroup(inner), "{'c':'inner','d':'inner'}");
        activate(it, new Target.OfGroup(outer), "{'b':'outer','c':'outer','d':'outer'}");
        activate(it, new Target.OfDevice(device.getFirst()), "{'d':'device'}");
        try (var worker = new ConfigurationWorker(it)) {
            var all = json("{'a':'type','b':'outer','c':'inner','d':'device'}");
            assertThat(TestPlatform.await(() -> values(it, device.getFirst()), all::equals)).isEqualTo(all);
            var none = json("{'a':'type','b':'type','c':'type','d':'type'}");
            TestPlatform.await(() -> values(it, device.getLast()), none::equals);
            groups.put(device.getFirst(), List.of(outer));
            worker.regrouped(device.getFirst());
            TestPlatform.await(() -> values(it, device.getFirst()),
                    json("{'a':'type','b':'outer','c':'outer','d':'device'}")::equals);
        }
    }

    @Test
    void whatHappenedWhileNobodyListenedIsMadeUpForAtTheStart() {
        var type = type();
        var other = type();
        var it = configurations();
        activate(it, new Target.OfType(type), "{'a':1}");
        activate(it, new Target.OfType(other), "{'a':2}");
        try (var _ = new ConfigurationWorker(it)) {
            TestPlatform.await("nothing is under way", () -> underWay() == 0);
        }
        var device = devices(type, 2);
        it.look(OrganizationPath.ROOT, device.getFirst());
        database.transaction(OrganizationPath.ROOT, handle -> handle.execute(
                "UPDATE devices SET device_type = ? WHERE id = ?", other, device.getFirst().value()));
        var next = configurations();
        Set<Long> told = new ConcurrentSkipListSet<>();
        next.onChange(event -> told.add(event.active().device().value()));
        try (var _ = new ConfigurationWorker(next)) {
            TestPlatform.await("both are told", () -> told.containsAll(List.of(device.getFirst().value(),
                    device.getLast().value())));
        }
        assertThat(values(next, device.getFirst())).isEqualTo(json("{'a':2}"));
        assertThat(values(next, device.getLast())).isEqualTo(json("{'a':1}"));
    }
}
