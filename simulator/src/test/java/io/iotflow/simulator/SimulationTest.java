package io.iotflow.simulator;

import static io.iotflow.simulator.StandInPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.iotflow.simulator.StandInPlatform.Arrived;
import io.iotflow.simulator.model.DeviceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A fleet against a real broker.
@Timeout(60)
class SimulationTest {
    private static final Instant MORNING = Instant.parse("2026-01-07T08:00:00Z");

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

    private SimulationOptions options(Fleet fleet) {
        return SimulationOptions.of(platform.target(Target.Protocol.MQTT), fleet, folder.resolve("keys.json"));
    }

    private SimulationOptions single(DeviceType type) {
        return options(Fleet.single("probe", type, Optional.empty()));
    }

    /// An hour of a past morning, as fast as it goes.
    private static Pace pastHour(long seed) {
        return new Pace(seed, 10_000, Optional.of(MORNING), Optional.of(Duration.ofHours(1)), Optional.empty());
    }

    private static Progress finish(Simulation simulation) throws InterruptedException {
        try (simulation) {
            assertThat(simulation.await(Duration.ofSeconds(40))).as("finished").isTrue();
            return simulation.progress();
        }
    }

    private String topic(String name, String rest) {
        return "devices/" + platform.idOf(name) + "/" + rest;
    }

    @Test
    void aHomeRegistersConnectsAndReportsAtOnce() {
        var fleet = Fleet.of(Preset.HOME);
        try (var simulation = Simulation.start(options(fleet))) {
            await("nine devices report", () -> simulation.progress().acknowledged() >= 9
                    && simulation.progress().connected() == 9);
        }
        assertThat(platform.requestsTo("/devices/register")).hasSize(9).first().satisfies(request -> {
            assertThat(request.body().path("name").asText()).isEqualTo("home-temperature-1");
            assertThat(request.body().path("device_type").asText()).isEqualTo("temperature");
            assertThat(request.body().path("metadata").path("simulated").asBoolean()).isTrue();
        });
        for (var device : fleet.devices()) {
            await(device.name(), () -> !platform.on(topic(device.name(), "telemetry")).isEmpty());
            var message = platform.on(topic(device.name(), "telemetry")).getFirst();
            assertThat(message.qos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
            assertThat(Instant.parse(message.body().path("timestamp").asText()))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
            assertThat(message.body().path("data").size()).isGreaterThan(2);
            await("goodbye", () -> statuses(device.name()).equals(List.of("online", "offline")));
        }
    }

    /// What the device itself said. Artemis sometimes speaks the last will though the client said goodbye: its two
    /// threads race when the connection closes right after DISCONNECT.
    private List<String> statuses(String name) {
        return platform.on(topic(name, "status")).stream().map(Arrived::body).filter(body -> !body.has("reason"))
                .map(body -> body.path("status").asText()).toList();
    }

    @Test
    void theSameSeedSendsTheSameMessages() throws Exception {
        var options = options(Fleet.of("x", Map.of(DeviceType.AIR_QUALITY, 2, DeviceType.DOOR_LOCK, 2),
                Optional.empty()));
        var first = telemetryOf(options.with(pastHour(7)));
        var second = telemetryOf(options.with(pastHour(7)));
        var other = telemetryOf(options.with(pastHour(8)));
        assertThat(first).hasSizeBetween(4 * 118, 4 * 121);
        assertThat(second).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    /// Bodies by topic and timestamp, so that a repeated message counts once.
    private Map<String, JsonNode> telemetryOf(SimulationOptions options) throws Exception {
        platform.messages.clear();
        var progress = finish(Simulation.start(options));
        assertThat(progress.acknowledged()).isEqualTo(progress.sent());
        var bodies = new TreeMap<String, JsonNode>();
        await("all arrived", () -> {
            platform.messages.stream().filter(message -> message.topic().endsWith("/telemetry")).forEach(message ->
                    bodies.put(message.topic() + " " + message.body().path("timestamp").asText(), message.body()));
            return bodies.size() == progress.acknowledged();
        });
        return bodies;
    }

    @Test
    void keysAreKeptForTheNextRun() throws Exception {
        finish(Simulation.start(single(DeviceType.CAMERA).with(pastHour(1))));
        finish(Simulation.start(single(DeviceType.CAMERA).with(pastHour(1))));
        assertThat(platform.requestsTo("/devices/register")).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aDeviceWhoseKeyIsNoLongerTakenRegistersAgain() throws Exception {
        finish(Simulation.start(single(DeviceType.CAMERA).with(pastHour(1))));
        platform.forgetAll();
        var progress = finish(Simulation.start(single(DeviceType.CAMERA).with(pastHour(1))));
        assertThat(progress.acknowledged()).isEqualTo(progress.sent()).isPositive();
        assertThat(platform.requestsTo("/devices/register")).hasSize(2);
    }

    @Test
    void aTakenNameIsRefusedUnlessASuffixIsAllowed() throws Exception {
        platform.takeName("probe");
        var options = single(DeviceType.CAMERA).with(pastHour(1));
        assertThatThrownBy(() -> Simulation.start(options)).isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("The name probe is taken").hasMessageContaining("--auto-suffix");

        platform.takeName("probe-2");
        var simulation = Simulation.start(options.with(options.access().withAutoSuffix()));
        finish(simulation);
        assertThat(simulation.devices().getFirst().name()).isEqualTo("probe-3");
    }

    @Test
    void forceGivesATakenNameANewKeyWhenAnOperatorAsks() throws Exception {
        platform.takeName("probe");
        var options = single(DeviceType.CAMERA).with(pastHour(1));
        assertThatThrownBy(() -> Simulation.start(options.with(options.access().withForce())))
                .isInstanceOf(SimulationFailure.class).hasMessageContaining("--operator-token");

        var forced = options.access().withForce().withOperatorToken(StandInPlatform.OPERATOR_TOKEN);
        assertThat(finish(Simulation.start(options.with(forced))).acknowledged()).isPositive();
        assertThat(platform.requestsTo("/admin/devices/probe/api-key")).hasSize(1);
    }

    @Test
    void waitsAsLongAsTheRegistrationLimitAsks() throws Exception {
        platform.registrationUpsets.add(429);
        var notices = new CopyOnWriteArrayList<String>();
        var options = single(DeviceType.CAMERA).with(pastHour(1));
        assertThat(finish(Simulation.start(options, notices::add, InstantSource.system())).acknowledged()).isPositive();
        assertThat(notices).singleElement().asString().contains("limits registrations").contains("1s");
    }

    @Test
    void aRefusedRegistrationIsToldInThePlatformsWords() {
        platform.registrationUpsets.add(403);
        assertThatThrownBy(() -> Simulation.start(single(DeviceType.CAMERA))).isInstanceOf(SimulationFailure.class)
                .hasMessage("The platform refused to register probe (403): not now Later.");
    }

    @Test
    void answersCommands() throws Exception {
        try (var simulation = Simulation.start(single(DeviceType.TEMPERATURE))) {
            await("first reading", () -> simulation.progress().acknowledged() == 1);

            var status = result("1", "{\"id\":\"1\",\"type\":\"get_status\"}");
            assertThat(status.path("status").asText()).isEqualTo("success");
            assertThat(status.path("data").path("readings").has("battery")).isTrue();
            assertThat(status.path("data").path("interval_s").asInt()).isEqualTo(30);

            var calibrated = result("2",
                "{\"id\":2,\"type\":\"calibrate\",\"metric\":\"temperature\",\"reference\":40}");
            assertThat(calibrated.path("data").path("temperature").asDouble()).isEqualTo(40);

            var faster = result("3", "{\"id\":3,\"command\":\"update_interval\",\"params\":{\"interval\":\"200ms\"}}");
            assertThat(faster.path("data").path("interval_s").asDouble()).isEqualTo(0.2);
            await("faster readings", () -> simulation.progress().acknowledged() > 5);
            assertThat(platform.on(topic("probe", "telemetry")).getLast().body().path("data").path("temperature")
                    .asDouble()).isBetween(39.0, 41.0);

            var restarted = result("4", "{\"id\":4,\"type\":\"restart\"}");
            assertThat(restarted.path("status").asText()).isEqualTo("success");
            await("back again", () -> statuses("probe").equals(List.of("online", "restarting", "online")));
            assertThat(simulation.progress().reconnects()).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatItCannotDoAndSaysWhy() throws Exception {
        try (var simulation = Simulation.start(single(DeviceType.DOOR_LOCK))) {
            await("first reading", () -> simulation.progress().acknowledged() == 1);
            refused("1", "{\"id\":1,\"type\":\"explode\"}", "unknown command explode");
            refused("2", "{\"id\":2,\"type\":\"update_interval\",\"interval\":0}", "between 100ms and 1d");
            refused("3", "{\"id\":3,\"type\":\"update_interval\",\"interval\":\"soon\"}", "not a duration");
            refused("4", "{\"id\":4,\"type\":\"calibrate\",\"metric\":\"locked\",\"offset\":1}", "not a number");
            refused("5", "{\"id\":5,\"type\":\"calibrate\",\"metric\":\"salt\",\"offset\":1}", "it reads locked");
            refused("6", "{\"id\":6,\"type\":\"restart\",\"expires_at\":\"2020-01-01T00:00:00Z\"}", "expired");
            refused("unknown", "not json", "not a JSON object");
            refused("unknown", "{\"id\":\"a/b/#\"}", "names no type");
            platform.command(platform.idOf("probe"), "/fly", "");
            await("by the topic's kind", () -> !platform.on(topic("probe", "commands/fly/result")).isEmpty());
            assertThat(simulation.progress().connected()).isEqualTo(1);
        }
    }

    @Test
    void aCommandDeliveredTwiceIsDoneOnceAndAnsweredTwice() throws Exception {
        try (var simulation = Simulation.start(single(DeviceType.DOOR_LOCK))) {
            await("first reading", () -> simulation.progress().acknowledged() == 1);
            platform.command(platform.idOf("probe"), "{\"id\":9,\"type\":\"get_status\"}");
            platform.command(platform.idOf("probe"), "{\"id\":9,\"type\":\"get_status\"}");
            await("two answers", () -> platform.on(topic("probe", "commands/9/result")).size() == 2);
            assertThat(platform.on(topic("probe", "commands/9/result")).stream().map(Arrived::body)
                .distinct()).hasSize(1);
        }
    }

    private JsonNode result(String id, String command) throws Exception {
        var before = platform.on(topic("probe", "commands/" + id + "/result")).size();
        platform.command(platform.idOf("probe"), command);
        await("result of " + command, () -> platform.on(topic("probe", "commands/" + id + "/result")).size() > before);
        return platform.on(topic("probe", "commands/" + id + "/result")).getLast().body();
    }

    private void refused(String id, String command, String why) throws Exception {
        var result = result(id, command);
        assertThat(result.path("status").asText()).as(command).isEqualTo("error");
        assertThat(result.path("message").asText()).contains(why);
    }

    @Test
    void comesBackWhenTheBrokerDoesAndLosesNothing() throws Exception {
        var options = single(DeviceType.TEMPERATURE);
        var fast = options.with(options.pace().withTelemetryInterval(Duration.ofMillis(100)));
        try (var simulation = Simulation.start(fast)) {
            await("reports", () -> simulation.progress().acknowledged() > 5);
            platform.stopBroker();
            await("noticed", () -> simulation.progress().connected() == 0);
            var held = simulation.progress().acknowledged();
            platform.startBroker();
            await("reports again", () -> simulation.progress().acknowledged() > held + 10);
            assertThat(simulation.progress().reconnects()).isEqualTo(1);
            simulation.close();
            var progress = simulation.progress();
            assertThat(progress.acknowledged()).isEqualTo(progress.sent());
            assertThat(progress.discarded()).isZero();
            var times = platform.on(topic("probe", "telemetry")).stream()
                    .map(message -> message.body().path("timestamp").asText()).distinct().toList();
            assertThat(times).hasSizeGreaterThanOrEqualTo((int) progress.acknowledged());
        }
    }

    @Test
    void lostConnectionsAreSpokenOfByTheLastWill() throws Exception {
        var options = single(DeviceType.TEMPERATURE).with(new Faults(0, Duration.ZERO, Duration.ZERO,
                Optional.of(Duration.ofSeconds(1)), 0));
        try (var simulation = Simulation.start(options)) {
            await("lost and back", () -> simulation.progress().reconnects() >= 2);
            assertThat(platform.on(topic("probe", "status"))).anySatisfy(message ->
                    assertThat(message.body().path("reason").asText()).isEqualTo("connection lost"));
        }
    }

    @Test
    void anEmptyBatterySilencesADeviceForGood() throws Exception {
        var options = options(Fleet.of("x", Map.of(DeviceType.DOOR_LOCK, 2, DeviceType.CAMERA, 1), Optional.empty()));
        var simulation = Simulation.start(options.with(pastHour(3)).with(
                new Faults(0, Duration.ZERO, Duration.ZERO, Optional.empty(), 1)));
        finish(simulation);
        assertThat(simulation.devices()).extracting(DeviceReport::state).containsExactly("dead", "dead", "finished");
        assertThat(simulation.devices().getFirst().sent()).isLessThan(simulation.devices().getLast().sent());
        var levels = platform.on(topic("x-door-lock-1", "telemetry")).stream()
                .map(message -> message.body().path("data").path("battery").asDouble()).toList();
        assertThat(levels).isSortedAccordingTo((one, other) -> Double.compare(other, one));
        assertThat(levels.getLast()).isLessThan(1.5);
        await("the will", () -> platform.on(topic("x-door-lock-1", "status")).getLast().body().path("reason").asText()
                .equals("connection lost"));
    }

    @Test
    void dropsJitterAndSkewAreAsAskedFor() throws Exception {
        var options = single(DeviceType.TEMPERATURE).with(pastHour(5)).with(
                new Faults(0.5, Duration.ofSeconds(20), Duration.ofMinutes(5), Optional.empty(), 0));
        var progress = finish(Simulation.start(options));
        assertThat(progress.dropped() + progress.sent()).isBetween(118L, 121L);
        assertThat(progress.dropped()).isBetween(35L, 85L);
        var off = Duration.between(MORNING, Instant.parse(
                platform.on(topic("probe", "telemetry")).getFirst().body().path("timestamp")
                        .asText())).toMillis() % 30_000;
        assertThat(off).as("the device's clock is not the world's").isNotZero();
        assertThat(finish(Simulation.start(options)).dropped()).isEqualTo(progress.dropped());
    }
}
