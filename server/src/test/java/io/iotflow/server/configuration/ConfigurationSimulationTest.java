package io.iotflow.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.configuration.State.Drift;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.Fields;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random acts on a type, a group and two devices, held against a simple model after each: what devices are told is
/// what the levels amount to, under a number that grows, over restarts.
class ConfigurationSimulationTest {
    private static final int STEPS = 120;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Database database = SharedDatabase.open();
    private final InstantSource clock = InstantSource.system();
    private final Map<DeviceId, Configuration> told = new ConcurrentHashMap<>();
    private final Map<Target, Model> models = new HashMap<>();
    private final Map<DeviceId, Drift> drifts = new HashMap<>();
    private final Map<DeviceId, Configuration> checked = new HashMap<>();
    private List<DeviceId> devices;
    private long group;
    private Configurations configurations;
    private ConfigurationWorker worker;

    /// The versions of one target.
    private static final class Model {
        final TreeMap<Long, JsonNode> versions = new TreeMap<>();
        final List<Long> everActive = new ArrayList<>();
        long active;

        void made(Version version) {
            versions.put(version.version(), Content.values(version.entries()));
            if (version.isActive()) activated(version.version());
        }

        void activated(long version) {
            active = version;
            everActive.add(version);
        }

        JsonNode values() {
            return active == 0 ? JSON.objectNode() : versions.get(active);
        }
    }

    private void start() {
        configurations = new Configurations(database, ConfigurationConfig.standard(), new GroupsKnown() {
            @Override
            public List<Long> of(Handle handle, DeviceId device) {
                return device.equals(devices.getFirst()) ? List.of(group) : List.of();
            }

            @Override
            public Optional<OrganizationPath> find(OrganizationPath scope, long number) {
                return Optional.of(OrganizationPath.ROOT);
            }
        }, new Audit(database, clock), clock);
        configurations.onChange(event -> {
            var before = told.put(event.active().device(), event.active());
            if (before != null) assertThat(event.active().version()).isGreaterThanOrEqualTo(before.version());
        });
        worker = new ConfigurationWorker(configurations);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsToldIsWhatTheLevelsAmountTo(long seed) {
        var random = new Random(seed);
        var type = "simulated-" + seed + "-" + System.nanoTime();
        group = System.nanoTime();
        devices = database.transaction(OrganizationPath.ROOT, handle -> handle.createQuery("""
                INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                SELECT '/1/', :type || '-' || n, :type, 'active', now(), now() FROM generate_series(1, 2) AS n
                RETURNING id""").bind("type", type).mapTo(Long.class).list()).stream().map(DeviceId::new).toList();
        var targets = List.<Target>of(new Target.OfType(type), new Target.OfGroup(group),
                new Target.OfDevice(devices.getFirst()), new Target.OfDevice(devices.getLast()));
        targets.forEach(target -> models.put(target, new Model()));
        devices.forEach(device -> drifts.put(device, Drift.IN_SYNC));
        start();
        try {
            for (var step = 0; step < STEPS; step++) {
                var act = random.nextInt(10);
                if (act < 7) change(random, targets.get(random.nextInt(targets.size())), act);
                else if (act < 9) say(random, devices.get(random.nextInt(2)));
                else restart();
                check(targets, "seed " + seed + " step " + step + " act " + act);
            }
        } finally {
            worker.close();
        }
    }

    private void restart() {
        worker.close();
        start();
    }

    private void change(Random random, Target target, int act) {
        var model = models.get(target);
        var owner = new Owner(target, OrganizationPath.ROOT);
        var versions = configurations.versions();
        switch (act) {
            case 0, 1, 2 -> model.made(versions.create(Actor.PLATFORM, owner, values(random), "", random.nextBoolean(),
                    OptionalLong.of(model.active)));
            case 3 -> {
                if (model.versions.isEmpty()) return;
                var wanted = any(random, List.copyOf(model.versions.keySet()));
                if (wanted == model.active) return;
                versions.activate(Actor.PLATFORM, owner, wanted, OptionalLong.empty());
                model.activated(wanted);
            }
            case 4 -> {
                if (model.everActive.isEmpty()) return;
                model.made(versions.rollBack(Actor.PLATFORM, owner,
                        OptionalLong.of(any(random, model.everActive)), "", OptionalLong.empty()));
            }
            case 5 -> {
                if (model.active == 0) return;
                versions.deactivate(Actor.PLATFORM, owner, OptionalLong.empty());
                model.active = 0;
            }
            default -> {
                if (!(target instanceof Target.OfDevice(var device))) return;
                var value = value(random);
                model.made(configurations.set(Actor.PLATFORM, device, "a", value, DataType.of(value)));
            }
        }
    }

    private void say(Random random, DeviceId device) {
        var known = told.getOrDefault(device, Configuration.none(device));
        var message = JSON.objectNode();
        var has = random.nextBoolean() ? Content.values(known.entries()) : JSON.objectNode().put("z", 1);
        if (known.version() > 0 && random.nextBoolean()) {
            var isApplied = random.nextBoolean();
            message.put("version", known.version()).put("outcome", isApplied ? "applied" : "rejected");
            configurations.record(OrganizationPath.ROOT, device, Report.acknowledgement(Fields.of("", message)));
            drifts.put(device, isApplied ? Drift.IN_SYNC : Drift.REJECTED);
        } else {
            message.set("configuration", has);
            configurations.record(OrganizationPath.ROOT, device, Report.of(Fields.of("", message)));
            var isSame = !has.has("z");
            drifts.computeIfPresent(device, (_, before) -> isSame ? Drift.IN_SYNC
                    : before == Drift.PENDING || before == Drift.REJECTED ? before : Drift.DIFFERS);
        }
    }

    private void check(List<Target> targets, String when) {
        TestPlatform.await(when, () -> database.<Boolean, RuntimeException>transaction(OrganizationPath.ROOT, handle ->
                handle.createQuery("SELECT NOT EXISTS (SELECT 1 FROM configuration_spreads)").mapTo(Boolean.class)
                        .one() && devices.stream().allMatch(it ->
                        configurations.states().unpublished(handle, it).isEmpty())));
        for (var device : devices) {
            var expected = Content.values(Merged.of(levels(targets, device)).entries());
            var has = configurations.active(OrganizationPath.ROOT, device);
            assertThat(Content.values(has.entries())).as(when).isEqualTo(expected);
            var before = checked.getOrDefault(device, Configuration.none(device));
            assertThat(has.version() > before.version()).as(when).isEqualTo(!has.entries().equals(before.entries()));
            if (has.version() > 0) assertThat(told.get(device)).as(when).isEqualTo(has);
            if (has.version() > before.version()) drifts.put(device, Drift.PENDING);
            checked.put(device, has);
            var drift = database.<Optional<State>, RuntimeException>transaction(OrganizationPath.ROOT,
                    handle -> configurations.states().find(handle, device)).map(State::drift).orElse(Drift.IN_SYNC);
            assertThat(drift).as(when).isEqualTo(drifts.get(device));
            TestPlatform.await(when, () -> configurations.drifts(device) == drifts.get(device).isDrift());
        }
    }

    private List<Level> levels(List<Target> targets, DeviceId device) {
        var levels = new ArrayList<Level>();
        for (var target : targets) {
            var concerns = switch (target) {
                case Target.OfType _, Target.OfDefault _ -> true;
                case Target.OfGroup _ -> device.equals(devices.getFirst());
                case Target.OfDevice(var own) -> own.equals(device);
            };
            if (concerns) levels.add(new Level(target, OrganizationPath.ROOT, 1, Content.entries("configuration",
                    models.get(target).values(), JSON.objectNode(), Instant.EPOCH)));
        }
        return levels;
    }

    private static long any(Random random, List<Long> versions) {
        return versions.get(random.nextInt(versions.size()));
    }

    private static ObjectNode values(Random random) {
        var values = JSON.objectNode();
        for (var key : List.of("a", "b", "c")) if (random.nextBoolean()) values.set(key, value(random));
        return values;
    }

    private static JsonNode value(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.numberNode(1);
            case 2 -> JSON.textNode("text");
            case 3 -> JSON.objectNode().put("x", 1);
            default -> JSON.objectNode().put("y", random.nextInt(3)).putNull("x");
        };
    }
}
