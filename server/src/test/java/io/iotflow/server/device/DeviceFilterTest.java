package io.iotflow.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.DatabaseConfig;
import io.iotflow.server.database.EmptyDatabase;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.Json;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFilterTest {
    private static final Presence PRESENCE =
            new Presence(SharedDatabase.open(), DeviceConfig.standard(), InstantSource.system());
    private final Database database = SharedDatabase.open();
    private final DeviceRegistry registry = new DeviceRegistry(database, DeviceConfig.standard(),
            SharedDatabase.metadata(), new Audit(database, InstantSource.system()), InstantSource.system());
    private final DeviceSearch search = new DeviceSearch(database, PRESENCE);
    private final OrganizationPath organization = organization();

    private OrganizationPath organization() {
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var id = handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one();
            var path = OrganizationPath.ROOT.child(id);
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, '/1/', 'filters ' || :id, now())""").bind("id", id)
                    .bind("path", path.text()).execute();
            return path;
        });
    }

    private Device device(String name, String metadata) throws Exception {
        var profile = Profile.of("A").withMetadata(Json.mapper().readTree(metadata));
        return registry.register(Actor.PLATFORM, organization, name, profile, DeviceStatus.ACTIVE).device();
    }

    private List<DeviceId> matching(String filter) {
        return search.matching(organization, DeviceFilter.parse("filter", filter), 1_000);
    }

    /// What the database lets through holds all that the filter accepts, and nothing else where it says so.
    @AfterAll
    static void stop() {
        PRESENCE.close();
    }

    @Test
    void databaseAndFilterAgreeOnRandomDevices() {
        var seed = new Random().nextLong();
        var maker = new FilterMaker(new Random(seed));
        var devices = randomDevices(maker);
        var exact = 0;
        for (var i = 0; i < 600; i++) {
            var filter = DeviceFilter.parse("filter", maker.filter(3));
            var expected = devices.stream().filter(device -> filter.accepts(search.facts(device, organization)))
                    .map(Device::id).toList();
            var narrowing = Narrowing.of(List.of(filter));
            var about = "seed " + seed + ", " + filter.text() + " as " + narrowing;
            assertThat(search.matching(organization, filter, 1_000)).as(about).isEqualTo(expected);
            if (!narrowing.isExact()) continue;
            exact++;
            assertThat(count(narrowing)).as(about).isEqualTo(expected.size());
        }
        assertThat(exact).as("seed %s", seed).isGreaterThan(50);
    }

    private List<Device> randomDevices(FilterMaker maker) {
        for (var i = 0; i < 100; i++) {
            var profile = new Profile(i % 3 == 0 ? "A" : "B", maker.text(), maker.text(), maker.text(), maker.text(),
                    maker.metadata(), JsonNodeFactory.instance.arrayNode(), maker.text());
            registry.register(Actor.PLATFORM, organization, "A-" + organization.id() + "-" + i, profile,
                    DeviceStatus.ACTIVE);
        }
        database.transaction(organization, handle -> handle.execute("""
                UPDATE devices SET metadata = metadata || '{"secret": {"$sealed": "AAAA"}}'::jsonb
                WHERE id % 4 = 0"""));
        return database.transaction(organization, handle ->
                new DeviceStore().living(handle, Narrowing.NONE, 0, 1_000));
    }

    private long count(Narrowing narrowing) {
        return database.transaction(organization, handle -> {
            var count = handle.createQuery("SELECT count(*) FROM devices WHERE " + narrowing.condition());
            narrowing.bind(count);
            return count.mapTo(Long.class).one();
        });
    }

    @Test
    void tagsAreThereEvenWhereADeviceHasNone() throws Exception {
        var a = device("tagged", "{\"tags\": {\"site\": \"A\", \"floor\": 3}}").id();
        var none = device("bare", "{}").id();
        var odd = device("odd", "{\"tags\": \"site\"}").id();
        assertThat(matching("tags.site === 'A'")).containsExactly(a);
        assertThat(matching("tags.site !== 'A'")).containsExactly(none, odd);
        assertThat(matching("tags.floor >= 3 && tags['site'].startsWith('A')")).containsExactly(a);
        assertThat(matching("metadata.tags.site !== 'A'")).as("a filter that fails accepts nothing")
                .containsExactly(odd);
    }

    @Test
    void whatChangesWithEachMessageIsRefusedWithWhatToWriteInstead() {
        for (var wrong : List.of("inside('yard')", "device.type === 'A' && !inside('yard')")) {
            assertThatThrownBy(() -> DeviceFilter.parse("filter", wrong)).isInstanceOf(PlatformException.class)
                    .hasMessageContaining("inside cannot be called here").hasMessageContaining("tags.place === 'yard'");
        }
    }

    @Test
    void decommissionedDevicesAreNoMatch() throws Exception {
        var gone = device("gone", "{}");
        var here = device("here", "{}");
        registry.decommission(Actor.PLATFORM, gone.id());
        assertThat(matching("true")).containsExactly(here.id());
        assertThat(matching("device.status === 'decommissioned'")).isEmpty();
    }

    @Test
    void pagesFollowOneAnother() throws Exception {
        var all = new ArrayList<DeviceId>();
        for (var i = 0; i < 7; i++) all.add(device("page-" + i, "{\"even\": " + (i % 2 == 0) + "}").id());
        var filter = DeviceFilter.parse("filter", "device.name.toUpperCase().startsWith('PAGE')");
        var found = new ArrayList<DeviceId>();
        var after = Optional.<DeviceId>empty();
        do {
            var page = search.matching(organization, filter, after, 3);
            found.addAll(page.devices());
            after = page.next();
        } while (after.isPresent());
        assertThat(found).isEqualTo(all);
        assertThat(search.matching(organization, filter, 2)).isEqualTo(all.subList(0, 2));
        assertThat(search.matching(organization, filter, Optional.of(all.getLast()), 3))
                .isEqualTo(new DeviceSearch.Matches(List.of(), Optional.empty()));
    }

    /// A page ends when it has looked at many devices, or for long; its cursor goes on behind the last one looked at.
    @Test
    void shortPagesLeaveNobodyOut(@TempDir Path folder) {
        EmptyDatabase.putInto(folder.resolve("database"));
        try (var own = Database.open(DatabaseConfig.embedded(), folder.resolve("database"));
                var presence = new Presence(own, DeviceConfig.standard(), InstantSource.system())) {
            own.transaction(OrganizationPath.ROOT, handle -> handle.createUpdate("""
                    INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                    SELECT '/1/', 'short-' || n, 't', 'active', now(), now()
                    FROM generate_series(1, :count) AS n""").bind("count", FleetLimits.FILTER_LOOKS + 2_500).execute());
            var filters = List.of(DeviceFilter.parse("filter", "device.name.toUpperCase().endsWith('0000')"));
            var query = new DeviceQuery("", "", "", DeviceQuery.Among.ALL, DeviceQuery.Sort.ID, false, 5, 0, "");
            var found = new ArrayList<String>();
            var shortOnes = 0;
            for (var cursor = Optional.of(""); cursor.isPresent(); ) {
                var page = new DeviceSearch(own, presence).list(OrganizationPath.ROOT,
                        query.withPage(5, cursor.get()), filters);
                page.devices().forEach(device -> found.add(device.name()));
                cursor = page.nextCursor();
                if (cursor.isPresent() && page.devices().size() < 5) shortOnes++;
            }
            assertThat(found).containsExactly("short-10000", "short-20000");
            assertThat(shortOnes).isPositive();
        }
    }

    @Test
    void mistakesAreToldWithTheirPlace() {
        assertThatThrownBy(() -> DeviceFilter.parse("scope.filter", "device.typ === 'A'"))
                .isInstanceOfSatisfying(PlatformException.class, refused ->
                        assertThat(refused.errors().getFirst().field()).isEqualTo("scope.filter"))
                .hasMessageContaining("line 1, column 1").hasMessageContaining("Did you mean");
        assertThatThrownBy(() -> DeviceFilter.parse("filter", "temperature > 3"))
                .hasMessageContaining("There is no variable temperature here");
        assertThatThrownBy(() -> DeviceFilter.parse("filter", "inside('yard')")).isInstanceOf(PlatformException.class);
        assertThatThrownBy(() -> DeviceFilter.parse("filter", "'\u0000'")).hasMessageContaining("character 0");
    }
}
