package io.iotflow.server.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Presence;
import io.iotflow.server.device.Profile;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Random changes to devices and groups on two nodes; both must know what a simple model knows.
class MembershipSimulationTest {
    private static final String[] SITES = {"A", "B", "C"};

    private final Database database = SharedDatabase.open();
    private final InstantSource clock = InstantSource.system();
    private final OrganizationPath organization = organization();
    private final Map<DeviceId, Device> devices = new HashMap<>();
    private final Map<Long, Group> groups = new HashMap<>();
    private final Map<Long, Set<DeviceId>> lists = new HashMap<>();
    private final Set<DeviceId> told = ConcurrentHashMap.newKeySet();
    private int made;

    private OrganizationPath organization() {
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var id = handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one();
            var path = OrganizationPath.ROOT.child(id);
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, '/1/', 'grouped ' || :id, now())""").bind("id", id)
                    .bind("path", path.text()).execute();
            return path;
        });
    }

    private record Node(DeviceRegistry registry, Presence presence, Groups groups) implements AutoCloseable {
        @Override
        public void close() {
            groups.close();
            presence.close();
        }
    }

    private Node node() {
        var audit = new Audit(database, clock);
        var registry = new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(), audit, clock);
        var presence = new Presence(database, DeviceConfig.standard(), clock);
        return new Node(registry, presence,
                new Groups(database, registry, new DeviceSearch(database, presence), presence, audit, clock));
    }

    @Test
    void everyNodeKnowsWhoIsWhere() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var one = node(); var two = node()) {
            one.groups().onChange(told::add);
            for (var step = 0; step < 120; step++) {
                var before = all(one);
                told.clear();
                step(random, random.nextBoolean() ? one : two);
                var about = "seed " + seed + ", step " + step;
                // The node that has changed something knows it at once, the other soon.
                TestPlatform.await(about + " on one", () -> all(one).equals(model()));
                TestPlatform.await(about + " on two", () -> all(two).equals(model()));
                var changed = new HashSet<DeviceId>();
                devices.keySet().forEach(id -> {
                    if (!model().get(id).equals(before.getOrDefault(id, Set.of()))) changed.add(id);
                });
                TestPlatform.await(about + " told", () -> told.containsAll(changed));
            }
            try (var fresh = node()) {
                assertThat(all(fresh)).as("seed %s, after a start", seed).isEqualTo(model());
                for (var group : groups.values()) {
                    assertThat(fresh.groups().memberships().members(group)).as("seed %s, %s", seed, group)
                            .isEqualTo(inside(group.id()));
                }
            }
        }
    }

    private void step(Random random, Node node) {
        var dynamic = groups.values().stream().filter(Group::isDynamic).toList();
        var listed = groups.values().stream().filter(group -> !group.isDynamic()).toList();
        switch (random.nextInt(devices.size() < 5 ? 2 : 8)) {
            case 0 -> put(node.registry().register(Actor.PLATFORM, organization, "sim-" + organization.id() + "-"
                    + made++, Profile.of("t").withMetadata(tags(random)), DeviceStatus.ACTIVE).device());
            case 1 -> create(random, node);
            case 2, 3 -> {
                var device = any(random, devices.values());
                put(node.registry().update(Actor.PLATFORM, device.id(), OptionalLong.empty(),
                        now -> now.withProfile(now.profile().withMetadata(tags(random)))));
            }
            case 4 -> {
                if (dynamic.isEmpty()) return;
                var group = any(random, dynamic);
                change(node, group, group.parent(), Optional.of(filter(random)));
            }
            case 5 -> {
                if (listed.isEmpty()) return;
                var group = any(random, listed);
                var in = some(random);
                var out = some(random);
                node.groups().move(Actor.PLATFORM, group, in, out.stream().map(Device::id).toList());
                out.forEach(device -> lists.get(group.id()).remove(device.id()));
                in.forEach(device -> lists.get(group.id()).add(device.id()));
            }
            case 6 -> {
                if (groups.size() < 2) return;
                var group = any(random, groups.values());
                var above = any(random, groups.values());
                try {
                    change(node, group, random.nextInt(3) == 0 ? OptionalLong.empty() : OptionalLong.of(above.id()),
                            group.filter());
                } catch (PlatformException refused) {
                    assertThat(refused).hasMessageContaining("parent_id");
                }
            }
            default -> {
                var device = any(random, devices.values());
                node.registry().decommission(Actor.PLATFORM, device.id());
                devices.remove(device.id());
                lists.values().forEach(list -> list.remove(device.id()));
            }
        }
    }

    private void create(Random random, Node node) {
        var parent = groups.isEmpty() || random.nextBoolean() ? OptionalLong.empty()
                : OptionalLong.of(any(random, groups.values()).id());
        var filter = random.nextBoolean() ? Optional.of(filter(random)) : Optional.<DeviceFilter>empty();
        if (groups.size() >= 8) return;
        var group = node.groups().create(Actor.PLATFORM, organization,
                new Group.Content("group-" + made++, "", parent, filter));
        groups.put(group.id(), group);
        lists.put(group.id(), new HashSet<>());
    }

    private void change(Node node, Group group, OptionalLong parent, Optional<DeviceFilter> filter) {
        var after = node.groups().change(Actor.PLATFORM, group, OptionalLong.empty(),
                new Group.Content(group.name(), "", parent, filter));
        groups.put(group.id(), after);
    }

    private void put(Device device) {
        devices.put(device.id(), device);
    }

    private static JsonNode tags(Random random) {
        var metadata = JsonNodeFactory.instance.objectNode();
        metadata.putObject("tags").put("site", SITES[random.nextInt(3)]);
        return metadata;
    }

    private static DeviceFilter filter(Random random) {
        var site = SITES[random.nextInt(3)];
        return DeviceFilter.parse("filter", random.nextBoolean() ? "tags.site === '" + site + "'"
                : "tags.site?.toLowerCase() !== '" + site.toLowerCase(Locale.ROOT) + "'");
    }

    private static <T> T any(Random random, Collection<T> of) {
        return List.copyOf(of).get(random.nextInt(of.size()));
    }

    private List<Device> some(Random random) {
        return devices.values().stream().filter(_ -> random.nextInt(3) == 0).toList();
    }

    /// What a group holds by itself.
    private Set<DeviceId> own(Group group) {
        if (group.filter().isEmpty()) return lists.get(group.id());
        return devices.values().stream().filter(device -> group.filter().get()
                        .accepts(DeviceFacts.of(device))).map(Device::id)
                .collect(Collectors.toSet());
    }

    private Set<DeviceId> inside(long id) {
        var inside = new HashSet<>(own(groups.get(id)));
        for (var group : groups.values()) {
            if (group.parent().isPresent() && group.parent().getAsLong() == id) inside.addAll(inside(group.id()));
        }
        return inside;
    }

    private Map<DeviceId, Set<Long>> model() {
        var model = new HashMap<DeviceId, Set<Long>>();
        devices.keySet().forEach(id -> model.put(id, new HashSet<>()));
        for (var id : groups.keySet()) inside(id).forEach(device -> model.get(device).add(id));
        return model;
    }

    private Map<DeviceId, Set<Long>> all(Node node) {
        var all = new HashMap<DeviceId, Set<Long>>();
        for (var id : new ArrayList<>(devices.keySet())) {
            all.put(id, node.registry().find(id).stream().flatMap(it -> node.groups().grouping().groups(it).stream())
                    .map(DeviceGroup::id).collect(Collectors.toSet()));
        }
        return all;
    }
}
