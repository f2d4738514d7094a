package io.iotflow.server.device;

import static io.iotflow.server.core.Actor.PLATFORM;
import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.Callers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceRegistryTest {
    private static final Presence PRESENCE =
            new Presence(SharedDatabase.open(), DeviceConfig.standard(), InstantSource.system());
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Database database = SharedDatabase.open();
    private final DeviceRegistry registry = node();
    private final DeviceSearch search = new DeviceSearch(database, PRESENCE);

    private DeviceRegistry node() {
        var clock = InstantSource.system();
        return new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(),
                new Audit(database, clock), clock);
    }

    @AfterAll
    static void stop() {
        PRESENCE.close();
    }

    @Test
    void whatWasRegisteredIsFoundByIdAndByName() {
        var profile = new Profile("temperature", "on the roof", "Ankara", "1.0.0", "B",
                JsonNodeFactory.instance.objectNode().put("günlük", "İı"),
                JsonNodeFactory.instance.arrayNode().add("read"), "42");
        var made = registry.register(PLATFORM, name(), profile, DeviceStatus.ACTIVE);
        assertThat(made.apiKey()).matches("[A-HJ-NP-Za-hj-km-np-z2-9]{32}");
        var device = made.device();
        assertThat(registry.find(device.id())).contains(device);
        assertThat(registry.find(ROOT, device.name())).contains(device);
        assertThat(registry.find(ROOT, device.id().toString())).contains(device);
        assertThat(Profile.of(device)).isEqualTo(profile);
        assertThat(node().find(device.id()))
                .as("read by another node").contains(device);
    }

    @Test
    void nameIsFoundAtOnceThoughItWasLookedForInVainBefore() {
        var name = name();
        assertThat(registry.find(ROOT, name)).isEmpty();
        var device = register(name);
        assertThat(registry.find(ROOT, name)).contains(device);
    }

    @Test
    void aChangeIsHeardOnceByItsOwnNodeAndByEveryOther() {
        var here = new ConcurrentLinkedQueue<DeviceId>();
        var there = new ConcurrentLinkedQueue<DeviceId>();
        var other = node();
        registry.onChange(here::add);
        other.onChange(there::add);
        var device = register(name());
        registry.changeStatus(PLATFORM, device.id(), DeviceStatus.INACTIVE);
        registry.rotateKey(PLATFORM, device.id());
        // What PostgreSQL tells comes in its order.
        var last = other.register(PLATFORM, name(), Profile.of("door_lock"), DeviceStatus.ACTIVE).device().id();
        TestPlatform.await(() -> here, it -> it.contains(last));
        TestPlatform.await(() -> there, it -> it.contains(device.id()));
        assertThat(here.stream().filter(device.id()::equals)).hasSize(3);
        assertThat(other.find(device.id()).orElseThrow().status()).isEqualTo(DeviceStatus.INACTIVE);
    }

    @Test
    void ofManyWhoWantANameOneGetsIt() throws Exception {
        var name = name();
        var wishes = new ArrayList<Callable<DeviceId>>();
        for (var i = 0; i < 20; i++) {
            wishes.add(() -> node().register(PLATFORM, name, Profile.of("door_lock"), DeviceStatus.ACTIVE)
                    .device().id());
        }
        var won = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(wishes)) {
                try {
                    done.get();
                    won++;
                } catch (ExecutionException e) {
                    assertThat(((PlatformException) e.getCause()).code()).isEqualTo(ErrorCode.NAME_TAKEN);
                }
            }
        }
        assertThat(won).isOne();
    }

    @Test
    void decommissionedDeviceGivesItsNameFreeButKeepsItsNumber() {
        var first = register(name());
        registry.decommission(PLATFORM, first.id());
        assertThat(registry.find(ROOT, first.name())).isEmpty();
        assertThat(registry.find(first.id()).orElseThrow().status()).isEqualTo(DeviceStatus.DECOMMISSIONED);
        var second = register(first.name());
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(registry.find(ROOT, first.name())).contains(second);
        assertRefused(ErrorCode.CONFLICT, () -> registry.changeStatus(PLATFORM, first.id(), DeviceStatus.ACTIVE));
        assertRefused(ErrorCode.CONFLICT, () -> registry.rotateKey(PLATFORM, first.id()));
    }

    @Test
    void updateCountsRevisionsAndRefusesAnOldOne() {
        var device = register(name());
        var updated = registry.update(PLATFORM, device.id(), OptionalLong.of(1),
                now -> now.withProfile(now.profile().withLocation("İzmir")));
        assertThat(updated.location()).isEqualTo("İzmir");
        assertThat(updated.revision()).isEqualTo(2);
        assertThat(registry.find(ROOT, device.name())).contains(updated);
        assertRefused(ErrorCode.PRECONDITION_FAILED, () -> registry.update(PLATFORM, device.id(), OptionalLong.of(1),
                now -> now.withProfile(now.profile().withLocation("x"))));
        var same = registry.update(PLATFORM, device.id(), OptionalLong.empty(), now -> now);
        assertThat(same.revision()).as("nothing changed").isEqualTo(2);
    }

    @Test
    void refusesWhatIsTooLongOrCannotBeKept() {
        var long1 = "x".repeat(Limits.DEVICE_NAME_CHARACTERS + 1);
        assertThatThrownBy(() -> new Profile(long1, long1, "", "\0", "", JsonNodeFactory.instance.arrayNode(),
                JsonNodeFactory.instance.textNode("x"), "\ud800")).isInstanceOfSatisfying(PlatformException.class, e ->
                        assertThat(e.errors()).extracting(PlatformException.FieldError::field)
                                .containsExactly("device_type", "firmware_version", "user_id", "metadata",
                                        "capabilities"));
        var big = JsonNodeFactory.instance.objectNode().put("k", "x".repeat(Limits.DEVICE_METADATA_BYTES));
        var zero = JsonNodeFactory.instance.objectNode().put("k", "\0");
        var half = JsonNodeFactory.instance.objectNode().put("k", "\ud800");
        for (var metadata : List.of(big, zero, half)) {
            assertRefused(ErrorCode.INVALID, () -> Profile.of("t").withMetadata(metadata));
        }
        assertRefused(ErrorCode.INVALID, () -> register("a/b"));
        assertRefused(ErrorCode.INVALID,
                () -> registry.register(PLATFORM, name(), Profile.of("t"), DeviceStatus.QUARANTINED));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pagesFollowOneAnotherInEveryOrderAndNeverOverlap(boolean isInMemory) {
        if (isInMemory) search.answerFrom(new Statuses(database, registry, InstantSource.system()));
        var location = "Pages" + NUMBER.incrementAndGet();
        var ids = new ArrayList<Long>();
        for (var i = 0; i < 7; i++) {
            ids.add(registry.register(PLATFORM, name(), Profile.of(i % 2 == 0 ? "even" : "odd").withLocation(location),
                    DeviceStatus.ACTIVE).device().id().value());
        }
        var all = new DeviceQuery("", "", location.toLowerCase(Locale.ROOT), DeviceQuery.Among.ALL,
                DeviceQuery.Sort.ID, false, 3, 0, "");
        for (var sort : DeviceQuery.Sort.values()) {
            for (var isDescending : new boolean[] {false, true}) {
                var query = all.withSort(sort, isDescending);
                var seen = onAllPages(query, 7);
                assertThat(seen).as("%s %s", sort, isDescending).hasSize(7).doesNotHaveDuplicates();
                assertThat(search.list(ROOT, query.withPage(7, "")).devices()).extracting(Device::id)
                        .as("%s %s", sort, isDescending).isEqualTo(seen);
            }
        }
        var odd = new DeviceQuery("", "odd", location, DeviceQuery.Among.ALL, DeviceQuery.Sort.ID, false, 10, 1, "");
        assertThat(search.list(ROOT, odd).devices()).hasSize(2).allMatch(device -> device.type().equals("odd"));
        var two = new long[] {ids.get(0), ids.get(1)};
        for (var isWanted : new boolean[] {true, false}) {
            var some = new DeviceQuery("", "", location, new DeviceQuery.Among(two, isWanted), DeviceQuery.Sort.ID,
                    false, 10, 0, "");
            assertThat(search.list(ROOT, some).total())
                    .isEqualTo(new DeviceSearch.Total(isWanted ? 2 : 5, true));
        }
    }

    /// Page by page, each of which tells the total.
    private List<DeviceId> onAllPages(DeviceQuery query, int total) {
        var seen = new ArrayList<DeviceId>();
        for (var page = search.list(ROOT, query); ;
                page = search.list(ROOT, query.withPage(query.limit(), page.nextCursor().get()))) {
            assertThat(page.total()).isEqualTo(new DeviceSearch.Total(total, true));
            page.devices().forEach(device -> seen.add(device.id()));
            if (page.nextCursor().isEmpty()) return seen;
        }
    }

    @Test
    void theOrderOfWhatWasSeenLastIsThatOfMemory() {
        search.answerFrom(new Statuses(database, registry, InstantSource.system()));
        var type = "seen" + NUMBER.incrementAndGet();
        var all = new DeviceQuery("", type, "", DeviceQuery.Among.ALL, DeviceQuery.Sort.LAST_SEEN, true, 2, 0, "");
        var ids = new ArrayList<DeviceId>();
        for (var i = 0; i < 5; i++) {
            ids.add(registry.register(PLATFORM, name(), Profile.of(type), DeviceStatus.ACTIVE).device().id());
        }
        var seen = List.of(ids.get(3), ids.get(0), ids.get(4));
        for (var i = 0; i < seen.size(); i++) PRESENCE.seen(seen.get(i), Instant.EPOCH.plusSeconds(100 - i));
        var expected = new ArrayList<>(seen);
        expected.addAll(List.of(ids.get(2), ids.get(1))); // never seen, by id
        for (var query : List.of(all, all.withSort(DeviceQuery.Sort.LAST_SEEN, false))) {
            assertThat(onAllPages(query, 5)).isEqualTo(query.isDescending() ? expected : expected.reversed());
        }
        var third = new DeviceQuery("", type, "", DeviceQuery.Among.ALL, DeviceQuery.Sort.LAST_SEEN, true, 2, 3, "");
        assertThat(search.list(ROOT, third).devices()).extracting(Device::id).containsExactly(ids.get(2), ids.get(1));
        var far = new DeviceQuery("", type, "", DeviceQuery.Among.ALL, DeviceQuery.Sort.LAST_SEEN, true, 2,
                Integer.MAX_VALUE, "");
        assertThat(search.list(ROOT, far).devices()).isEmpty();
    }

    @Test
    void whatIsSearchedIsFoundInMemoryAsInTheDatabase() {
        var mark = "Mark" + NUMBER.incrementAndGet() + "x";
        var named = registry.register(PLATFORM, name() + mark, Profile.of("t"), DeviceStatus.ACTIVE).device();
        var located = registry.register(PLATFORM, name(), Profile.of("t").withLocation("Süd " + mark),
                DeviceStatus.ACTIVE).device();
        var ended = registry.register(PLATFORM, name() + mark, Profile.of("t"), DeviceStatus.ACTIVE).device();
        registry.decommission(PLATFORM, ended.id());
        for (var isInMemory : List.of(false, true)) {
            if (isInMemory) search.answerFrom(new Statuses(database, registry, InstantSource.system()));
            assertThat(searched("", mark)).containsExactly(named.id(), located.id());
            assertThat(searched("", "Süd " + mark)).containsExactly(located.id());
            assertThat(searched("decommissioned", mark)).containsExactly(ended.id());
            assertThat(searched("", mark + "y")).isEmpty();
        }
        assertThat(searched("", "sÜD " + mark.toUpperCase(Locale.ROOT))).containsExactly(located.id());
        registry.update(PLATFORM, located.id(), OptionalLong.empty(),
                now -> now.withProfile(now.profile().withLocation("elsewhere")));
        assertThat(searched("", mark)).containsExactly(named.id());
    }

    @Test
    void memoryShowsAnOrganizationItsOwnDevicesOnly() {
        search.answerFrom(new Statuses(database, registry, InstantSource.system()));
        var mark = "own" + NUMBER.incrementAndGet() + "x";
        var below = database.<OrganizationPath, RuntimeException>transaction(ROOT, handle -> {
            var path = ROOT.child(handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one());
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, '/1/', :name, now())""").bind("id", path.id()).bind("path", path.text())
                    .bind("name", mark).execute();
            return path;
        });
        var by = new Actor(Actor.Kind.USER, "1", "somebody", below, "", "");
        registry.register(PLATFORM, name() + mark, Profile.of("t"), DeviceStatus.ACTIVE);
        var own = registry.register(by, name() + mark, Profile.of("t"), DeviceStatus.ACTIVE).device().id();
        for (var sort : DeviceQuery.Sort.values()) {
            for (var text : List.of("", mark)) {
                var query = new DeviceQuery("", "", text, DeviceQuery.Among.ALL, sort, false, 10, 0, "");
                var page = search.list(below, query);
                assertThat(page.devices()).as("%s %s", sort, text).extracting(Device::id).containsExactly(own);
                assertThat(page.total()).isEqualTo(new DeviceSearch.Total(1, true));
            }
        }
        assertThat(search.list(below, DeviceQuery.all(), List.of(DeviceFilter.parse("filter", "true"))).devices())
                .extracting(Device::id).containsExactly(own);
    }

    private List<DeviceId> searched(String status, String text) {
        var query = new DeviceQuery(status, "", text, DeviceQuery.Among.ALL, DeviceQuery.Sort.ID, false, 10, 0, "");
        return search.list(ROOT, query).devices().stream().map(Device::id).toList();
    }

    @Test
    void renamedDeviceIsFoundByItsNewNameOnly() {
        var device = register(name());
        var other = register(name());
        var renamed = registry.update(PLATFORM, device.id(), OptionalLong.empty(),
                now -> now.withName(name() + " new"));
        assertThat(registry.find(ROOT, device.name())).isEmpty();
        assertThat(registry.find(ROOT, renamed.name())).contains(renamed);
        assertRefused(ErrorCode.NAME_TAKEN, () -> registry.update(PLATFORM, device.id(), OptionalLong.empty(),
                now -> now.withName(other.name())));
        assertRefused(ErrorCode.INVALID, () -> registry.update(PLATFORM, device.id(), OptionalLong.empty(),
                now -> now.withName("7")));
        assertThat(registry.find(device.id())).contains(renamed);
    }

    @Test
    void cursorOfAnotherListIsRefused() {
        var bogus = Base64.getUrlEncoder().encodeToString("1 x".getBytes(StandardCharsets.UTF_8));
        for (var cursor : List.of("%%%", "AA", bogus)) {
            assertRefused(ErrorCode.INVALID, () -> DeviceQuery.all().withPage(3, cursor));
        }
    }

    @Test
    void absentDeviceIsNotFound() {
        assertRefused(ErrorCode.NOT_FOUND, () -> registry.require(Callers.ADMIN, "999999999"));
        assertRefused(ErrorCode.NOT_FOUND, () -> registry.require(Callers.ADMIN, "no/such"));
        assertRefused(ErrorCode.NOT_FOUND, () -> registry.decommission(PLATFORM, new DeviceId(999_999_999)));
    }

    private Device register(String name) {
        return registry.register(PLATFORM, name, Profile.of("temperature"), DeviceStatus.ACTIVE).device();
    }

    static String name() {
        return "registry-" + NUMBER.incrementAndGet();
    }

    static void assertRefused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(PlatformException.class,
                refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
