package io.iotflow.server.rollout;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestFirmware;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Rollouts on the whole platform, with devices that do what they are told, or not.
class RolloutsTest {
    private static final byte[] CONTENT = "firmware".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = new byte[0];

    private static TestPlatform platform;
    private static TestFirmware firmware;
    private static int versions;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
        firmware = TestFirmware.on(platform);
    }

    @AfterAll
    static void stop() {
        if (firmware != null) firmware.close();
        if (platform != null) platform.close();
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String ready(String version) {
        return firmware.ready(version, CONTENT, "");
    }

    private static String version() {
        return "3." + versions++;
    }

    /// Devices whose location is their fleet.
    private static List<TestDevice> fleet(String name, int size, String version) {
        var fleet = new ArrayList<TestDevice>();
        for (int i = 0; i < size; i++) {
            var made = platform.call("POST", "/api/v1/admin/devices", ("{'name':'" + name + "-" + i
                    + "','device_type':'test','location':'" + name + "','firmware_version':'" + version + "'}")
                    .replace('\'', '"')).path("device");
            fleet.add(new TestDevice(made.path("id").asLong(), made.path("name").asText(),
                    made.path("api_key").asText()));
        }
        return fleet;
    }

    private static String rollout(String fleet, String image, String more) {
        return firmware.json("POST", "/api/v1/rollouts", bytes("{'name':'" + fleet + "','firmware_id':" + image
                + ",'scope':{'filter':'device.location === `" + fleet + "`'}" + more + "}")).path("id").asText();
    }

    private static JsonNode seen(String rollout) {
        return firmware.json("GET", "/api/v1/rollouts/" + rollout, NOTHING);
    }

    private static String state(String rollout) {
        return seen(rollout).path("state").asText();
    }

    private static void awaitState(String rollout, String state) {
        await(rollout + " is " + state, () -> state(rollout).equals(state));
    }

    private static JsonNode offered(TestDevice device) {
        try {
            return Json.mapper().readTree(firmware.send("GET", "/api/v1/devices/firmware", NOTHING, "X-API-Key",
                    device.key()).body()).path("update");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void report(TestDevice device, String status) {
        assertThat(firmware.send("POST", "/api/v1/devices/firmware/status", bytes("{'status':'" + status + "'}"),
                "X-API-Key", device.key()).statusCode()).isEqualTo(200);
    }

    /// All devices that are offered something do it, until the condition holds.
    private static void work(List<TestDevice> fleet, Function<TestDevice, String> outcome,
            String rollout, String end) {
        await(rollout + " is " + end, () -> {
            for (var device : fleet) if (!offered(device).isNull()) report(device, outcome.apply(device));
            return state(rollout).equals(end);
        });
    }

    private static int status(String method, String path, String... headers) {
        return firmware.send(method, path, NOTHING, headers).statusCode();
    }

    @Test
    void listsBeginWithTheNewest() {
        var images = List.of(ready(version()), ready(version()));
        fleet("order", 1, "1.0");
        var rollouts = images.stream().map(image -> rollout("order", image, "")).toList();
        for (var list : List.of("rollouts", "firmware")) {
            var first = firmware.json("GET", "/api/v1/" + list + "?limit=1", NOTHING);
            var second = firmware.json("GET", "/api/v1/" + list + "?limit=1&cursor="
                    + first.path("next_cursor").asText(), NOTHING);
            var expected = list.equals("rollouts") ? rollouts : images;
            assertThat(List.of(second, first)).as(list).extracting(page -> page.path(list).path(0).path("id").asText())
                    .isEqualTo(expected);
        }
    }

    @Test
    void comesStageByStageToAllThatMatch() {
        var fleet = fleet("staged", 10, "1.0");
        fleet("elsewhere", 2, "1.0");
        var version = version();
        var image = ready(version);
        var preview = firmware.json("POST", "/api/v1/rollouts/preview", bytes("{'firmware_id':" + image
                + ",'scope':{'devices':['staged-1','staged-2','nobody']}}"));
        assertThat(preview.path("count").asInt()).isEqualTo(2);
        var rollout = rollout("staged", image, ",'stages':[{'count':2},{'percent':30},{}],'success_percent':100");
        await("the first stage is offered", () -> seen(rollout).at("/stages/0/progress/updating").asInt() == 2);
        assertThat(seen(rollout).path("progress").toString()).isEqualTo("{\"devices\":10,\"waiting\":8,\"updating\":2,"
                + "\"installed\":0,\"failed\":0,\"cancelled\":0,\"rolling_back\":0,\"rolled_back\":0}");
        assertThat(seen(rollout).path("statuses").toString()).isEqualTo("{\"offered\":2,\"waiting\":8}");
        work(fleet, _ -> "installed", rollout, "finished");
        assertThat(seen(rollout).at("/progress/installed").asInt()).isEqualTo(10);
        assertThat(seen(rollout).path("stages").findValuesAsText("installed")).containsExactly("2", "3", "5");
        assertThat(platform.get("/api/v1/admin/devices/" + fleet.getFirst().id()).at("/device/firmware_version")
                .asText()).isEqualTo(version);
        var devices = firmware.json("GET", "/api/v1/rollouts/" + rollout + "/devices?limit=3&status=installed",
                NOTHING);
        assertThat(devices.path("count").asInt()).isEqualTo(3);
        assertThat(devices.at("/devices/0/device_name").asText()).isEqualTo(fleet.getFirst().name());
        assertThat(devices.path("next_cursor").isNull()).isFalse();
        var audit = platform.get("/api/v1/audit?target_type=rollout&target=" + rollout + "&limit=100").toString();
        assertThat(audit).contains("rollout.created", "rollout.started", "rollout.advanced", "rollout.finished",
                TestFirmware.sha256(CONTENT));
        assertThat(status("DELETE", "/api/v1/rollouts/" + rollout)).isEqualTo(204);
        assertThat(status("GET", "/api/v1/rollouts/" + rollout)).isEqualTo(404);
    }

    @Test
    void haltsByItselfAndGivesDevicesBackWhatTheyRan() {
        var before = version();
        ready(before);
        var fleet = fleet("faulty", 10, before);
        var rollout = rollout("faulty", ready(version()), ",'stages':[{'count':6},{}],'error_percent':20,"
                + "'success_percent':90,'max_attempts':1,'rollback':true");
        await("the first stage is offered", () -> seen(rollout).at("/progress/updating").asInt() == 6);
        var canaries = fleet.stream().filter(device -> !offered(device).isNull()).toList();
        report(canaries.get(0), "installed");
        report(canaries.get(1), "installing");
        report(canaries.get(2), "failed");
        report(canaries.get(3), "failed");
        awaitState(rollout, "rolling_back");
        assertThat(seen(rollout).path("reason").asText()).contains("2 of 6 devices have failed, 20 % may");
        await("what is not begun is called back", () -> seen(rollout).at("/progress/cancelled").asInt() == 2);
        report(canaries.get(1), "installed");
        for (var device : canaries.subList(0, 2)) {
            await("offered what it ran", () -> offered(device).path("version").asText().equals(before));
            report(device, "installed");
        }
        awaitState(rollout, "rolled_back");
        assertThat(seen(rollout).at("/progress/rolled_back").asInt()).isEqualTo(2);
        assertThat(fleet).allMatch(device -> offered(device).isNull());
        assertThat(seen(rollout).at("/progress/waiting").asInt()).as("the second stage was never offered").isEqualTo(4);
    }

    /// A hawkBit client that installs already cannot be told from one that downloads.
    @Test
    void whoInstallsAfterTheRolloutWasTakenBackIsTakenBackToo() {
        var before = version();
        ready(before);
        var late = fleet("late", 2, before);
        var rollout = rollout("late", ready(version()), ",'error_percent':20,'max_attempts':1,'rollback':true");
        await("offered", () -> late.stream().noneMatch(device -> offered(device).isNull()));
        var update = offered(late.getFirst()).path("update_id").asText();
        report(late.getFirst(), "downloading");
        report(late.getLast(), "failed");
        awaitState(rollout, "rolled_back");
        assertThat(firmware.send("POST", "/api/v1/devices/firmware/status", bytes("{'status':'installed','update_id':"
                + update + "}"), "X-API-Key", late.getFirst().key()).statusCode()).isEqualTo(200);
        awaitState(rollout, "rolling_back");
        await("offered what it ran", () -> offered(late.getFirst()).path("version").asText().equals(before));
        report(late.getFirst(), "installed");
        awaitState(rollout, "rolled_back");
        assertThat(seen(rollout).at("/progress/rolled_back").asInt()).isEqualTo(1);
    }

    @Test
    void beginsOnlyWhenASecondPersonHasApproved() {
        fleet("watched", 1, "1.0");
        var rollout = rollout("watched", ready(version()), ",'approval':true");
        assertThat(state(rollout)).isEqualTo("awaiting_approval");
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/approve")).as("not by its author").isEqualTo(403);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/approve", "Authorization", "Bearer "
                + token("rollouts:write"))).isEqualTo(403);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/approve", "Authorization", "Bearer "
                + token("rollouts:approve"), "If-Match", "\"9\"")).isEqualTo(412);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/approve", "Authorization", "Bearer "
                + token("rollouts:approve"))).isEqualTo(200);
        awaitState(rollout, "running");
        assertThat(seen(rollout).path("approver").asText()).startsWith("may-");
    }

    private static String token(String permission) {
        return platform.call("POST", "/api/v1/tokens", ("{'name':'may-" + permission.replace(':', '-') + versions++
                + "','permissions':['" + permission + "'],'expires_at':'+1d'}").replace('\'', '"')).path("token")
                .asText();
    }

    @Test
    void pausesGoesOnAndIsAborted() {
        var fleet = fleet("stopped", 6, "1.0");
        var rollout = rollout("stopped", ready(version()), ",'stages':[{'count':2},{}]");
        await("offered", () -> seen(rollout).at("/progress/updating").asInt() == 2);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/resume")).isEqualTo(409);
        assertThat(status("DELETE", "/api/v1/rollouts/" + rollout)).isEqualTo(409);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/pause")).isEqualTo(200);
        for (var device : fleet) if (!offered(device).isNull()) report(device, "installed");
        assertThat(seen(rollout).at("/progress/installed").asInt()).isEqualTo(2);
        assertThat(seen(rollout).path("stage").asInt()).isEqualTo(1);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/resume")).isEqualTo(200);
        await("the second stage is offered", () -> seen(rollout).at("/progress/updating").asInt() == 4);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/abort")).isEqualTo(200);
        await("called back and ended", () -> !seen(rollout).path("ended_at").isNull());
        assertThat(seen(rollout).at("/progress/cancelled").asInt()).isEqualTo(4);
        assertThat(fleet).allMatch(device -> offered(device).isNull());
    }

    @Test
    void doesNotBeginWithAnImageWhoseFileHasChanged() throws Exception {
        var fleet = fleet("tampered", 1, "1.0");
        var image = ready(version());
        Files.write(platform.folder().resolve("firmware").resolve(image + ".image"), new byte[] {1},
                StandardOpenOption.APPEND);
        var rollout = rollout("tampered", image, "");
        awaitState(rollout, "halted");
        assertThat(seen(rollout).path("reason").asText()).contains("does not have the SHA-256 that was published");
        assertThat(offered(fleet.getFirst()).isNull()).isTrue();
    }

    @Test
    void devicesThatMatchLaterJoin() {
        fleet("joined", 1, "1.0");
        var rollout = rollout("joined", ready(version()), ",'joins':true,'rate_per_minute':1");
        await("offered", () -> seen(rollout).at("/progress/updating").asInt() == 1);
        platform.call("POST", "/api/v1/admin/devices", """
                {"name":"joined-9","device_type":"test","location":"joined"}""");
        await("joined, and waits for its minute", Duration.ofSeconds(20),
                () -> seen(rollout).at("/progress/waiting").asInt() == 1);
        assertThat(status("POST", "/api/v1/rollouts/" + rollout + "/finish")).isEqualTo(200);
        assertThat(seen(rollout).at("/progress/updating").asInt()).as("what is offered stays").isEqualTo(1);
    }

    @Test
    void refusesWhatCannotBe() {
        var image = ready(version());
        for (var more : List.of("'stages':[{},{}]", "'scope':{'filter':'device.'}", "'error_percent':101",
                "'colour':1", "'firmware_id':'x'", "'timeout':'9d'")) {
            assertThat(firmware.send("POST", "/api/v1/rollouts", bytes("{'name':'no'," + (more.contains("firmware_id")
                    ? "" : "'firmware_id':" + image + ",") + more + "}")).statusCode()).as(more).isEqualTo(422);
        }
        assertThat(firmware.send("POST", "/api/v1/rollouts", bytes("{'name':'no','firmware_id':"
                + firmware.announced(version(), CONTENT, "") + "}")).statusCode()).isEqualTo(409);
        assertThat(firmware.send("POST", "/api/v1/rollouts", bytes("{'name':'no','firmware_id':999999}"))
                .statusCode()).isEqualTo(404);
    }

    /// Two rollouts over the same devices at once, and people who offer beside them.
    @Test
    void noDeviceHasTwoUpdatesAtOnceWhateverHappens() {
        var random = new Random(5);
        var fleet = fleet("contended", 30, "1.0");
        var rollouts = List.of(rollout("contended", ready(version()), ",'stages':[{'count':5},{}],'error_percent':100,"
                + "'success_percent':20"), rollout("contended", ready(version()), ",'error_percent':60,"
                + "'success_percent':0,'stages':[{'percent':50},{}],'max_attempts':1"));
        var own = ready(version());
        await("both have ended", Duration.ofSeconds(30), () -> {
            for (var device : fleet) {
                if (offered(device).isNull()) {
                    if (random.nextInt(10) == 0) firmware.send("POST", "/api/v1/devices/" + device.id() + "/updates",
                            bytes("{'firmware_id':" + own + "}"));
                } else {
                    report(device, List.of("downloading", "installed", "installing", "failed", "installed")
                            .get(random.nextInt(5)));
                }
            }
            rollouts.forEach(RolloutsTest::checkCounts);
            return rollouts.stream().noneMatch(it -> seen(it).path("ended_at").isNull());
        });
        fleet.forEach(RolloutsTest::checkTimeline);
        rollouts.forEach(RolloutsTest::checkStages);
    }

    private static void checkCounts(String rollout) {
        var progress = seen(rollout);
        var sums = new HashMap<String, Long>();
        for (var stage : progress.path("stages")) stage.path("progress").properties().forEach(count ->
                sums.merge(count.getKey(), count.getValue().asLong(), Long::sum));
        sums.forEach((name, sum) -> assertThat(sum).as(name).isEqualTo(progress.at("/progress/" + name).asLong()));
    }

    /// Each update begins after the one before has ended.
    private static void checkTimeline(TestDevice device) {
        Instant later = Instant.MAX;
        for (var update : firmware.json("GET", "/api/v1/devices/" + device.id() + "/updates", NOTHING)
                .path("updates")) {
            var ended = update.path("ended_at").isNull() ? Instant.MAX
                    : Instant.parse(update.path("ended_at").asText());
            assertThat(later.isBefore(ended) && !ended.equals(Instant.MAX)).as(update.toString()).isFalse();
            later = Instant.parse(update.path("offered_at").asText());
        }
    }

    /// No device of the second stage was offered anything before enough of the first had installed.
    private static void checkStages(String rollout) {
        var stages = new HashMap<Long, Integer>();
        for (var device : firmware.json("GET", "/api/v1/rollouts/" + rollout + "/devices?limit=1000", NOTHING)
                .path("devices")) {
            if (!device.path("update_id").isNull()) {
                stages.put(device.path("device_id").asLong(), device.path("stage").asInt());
            }
        }
        var installed = new ArrayList<Instant>();
        var offered = new HashSet<Instant>();
        for (var entry : stages.entrySet()) {
            for (var update : updates(entry.getKey(), rollout)) {
                if (entry.getValue() == 2) offered.add(Instant.parse(update.path("offered_at").asText()));
                else if (update.path("status").asText().equals("installed")) {
                    installed.add(Instant.parse(update.path("ended_at").asText()));
                }
            }
        }
        var success = seen(rollout).at("/stages/0/success_percent").asInt();
        var first = stages.values().stream().filter(it -> it == 1).count();
        var needed = (int) Math.ceil(first * success / 100.0);
        if (offered.isEmpty() || needed == 0) return;
        var reached = installed.stream().sorted().toList().get(needed - 1);
        assertThat(offered).allMatch(at -> !at.isBefore(reached));
    }

    private static List<JsonNode> updates(long device, String rollout) {
        var all = new ArrayList<JsonNode>();
        for (var update : firmware.json("GET", "/api/v1/devices/" + device + "/updates", NOTHING).path("updates")) {
            if (update.path("rollout_id").asText().equals(rollout)) all.add(update);
        }
        return all;
    }
}
