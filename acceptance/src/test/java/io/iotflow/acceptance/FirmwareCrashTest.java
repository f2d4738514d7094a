package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whenever the platform was killed in the middle of a rollout, with devices in the middle of their downloads: those go
/// on where they broke off, nothing that was installed is offered anew, no device is lost, and the rollout comes to its
/// end. `-Diotflow.soak=true` kills it more often.
class FirmwareCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("iotflow.soak") ? 20 : 2;
    private static final int DEVICES = 9;
    private static final String VERSION = "2.0";
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Random RANDOM = new Random(Long.getLong("iotflow.seed", 20_261_127));
    private static final byte[] CONTENT = new byte[400_000];

    @TempDir
    Path folder;

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    /// A device that remembers over its own restarts what it has of an image, and what it runs.
    private final class Updating {
        private final PackagedPlatform.Device device;
        private final int number;
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private volatile String runs = "1.0";
        private volatile boolean isAcknowledged;
        private volatile boolean isFetching;
        private int resumed;

        Updating(PackagedPlatform.Device device, int number) {
            this.device = device;
            this.number = number;
        }

        /// Until it is told to stop, or the platform is not there any more.
        void live(PackagedPlatform platform, AtomicBoolean stop) {
            try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
                while (!stop.get()) {
                    var update = platform.as(device, "GET", "/api/v1/devices/firmware", null).json().path("update");
                    if (update.isNull()) {
                        LockSupport.parkNanos(20_000_000);
                        continue;
                    }
                    // What came by MQTT is on disk, and looked at a little later.
                    if (isAcknowledged && !speaksMqtt()) faults.add(device.name() + " is offered anew: " + update);
                    if (!runs.equals(VERSION)) fetch(platform, http, update.path("link").asText());
                    runs = VERSION;
                    report(platform);
                }
            } catch (IOException | UncheckedIOException _) {
                // Killed.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } finally {
                isFetching = false;
            }
        }

        private boolean speaksMqtt() {
            return number % 3 == 0;
        }

        private void fetch(PackagedPlatform platform, HttpClient http, String link)
                throws IOException, InterruptedException {
            var byLink = number % 2 == 0;
            var request = HttpRequest.newBuilder(platform.uri(byLink ? link : "/api/v1/devices/firmware/download"))
                    .header("Range", "bytes=" + got.size() + "-");
            if (!byLink) request.header("X-API-Key", device.key());
            if (got.size() > 0) resumed++;
            var answer = http.send(request.build(), BodyHandlers.ofInputStream());
            if (answer.statusCode() != 206) faults.add(device.name() + " is answered " + answer.statusCode());
            try (var in = answer.body()) {
                var buffer = new byte[8_192];
                for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    isFetching = true;
                    got.write(buffer, 0, count);
                }
            }
            if (!PackagedFirmware.sha256(got.toByteArray()).equals(PackagedFirmware.sha256(CONTENT))) {
                if (got.size() < CONTENT.length) throw new IOException("cut off");
                faults.add(device.name() + " has " + got.size() + " bytes that are others");
            }
            isFetching = false;
        }

        private void report(PackagedPlatform platform) {
            var body = "{\"status\":\"installed\",\"firmware_version\":\"" + VERSION + "\"}";
            if (speaksMqtt()) {
                reportOverMqtt(platform, body);
            } else {
                var answer = platform.as(device, "POST", "/api/v1/devices/firmware/status", body);
                if (answer.status() != 200) faults.add(device.name() + ": " + answer);
            }
            isAcknowledged = true;
        }

        private void reportOverMqtt(PackagedPlatform platform, String body) {
            Mqtt5BlockingClient client = Mqtt5Client.builder().identifier(device.name()).serverHost("127.0.0.1")
                    .serverPort(platform.mqttPort()).simpleAuth().username(device.name())
                    .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().buildBlocking();
            try {
                client.connect();
                client.publishWith().topic("devices/" + device.name() + "/firmware/status").qos(MqttQos.AT_LEAST_ONCE)
                        .payload(body.getBytes(StandardCharsets.UTF_8)).send();
                client.disconnect();
            } catch (RuntimeException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
    }

    @Test
    void aRolloutComesToItsEndWheneverItWasKilled() throws Exception {
        RANDOM.nextBytes(CONTENT);
        var data = folder.resolve("data");
        var platform = started(data);
        try {
            var fleet = new ArrayList<Updating>();
            for (var n = 0; n < DEVICES; n++) fleet.add(new Updating(registered(platform, n), n));
            var rollout = begun(platform);
            var interrupted = 0;
            for (var round = 1; round <= ROUNDS; round++) {
                interrupted += workUntilKilled(platform, fleet);
                platform = started(data);
            }
            workToTheEnd(platform, fleet, rollout);
            assertThat(faults).isEmpty();
            for (var each : fleet) judge(platform, each);
            System.out.println(interrupted + " downloads were interrupted, "
                    + fleet.stream().mapToInt(it -> it.resumed).sum() + " went on");
            assertThat(interrupted).as("downloads that were interrupted").isPositive();
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            platform.close();
        }
    }

    /// Slow enough to be killed in the middle.
    private static PackagedPlatform started(Path data) {
        return PackagedPlatform.start(data, "--set", "firmware.bandwidth_mib=1");
    }

    private static PackagedPlatform.Device registered(PackagedPlatform platform, int number) {
        var device = platform.register("updating-" + number);
        var told = platform.as(device, "PUT", "/api/v1/devices/config", "{\"firmware_version\":\"1.0\"}");
        assertThat(told.status()).as(told.body()).isEqualTo(200);
        return device;
    }

    private static String begun(PackagedPlatform platform) {
        var firmware = new PackagedFirmware(platform);
        return firmware.success("POST", "/api/v1/rollouts", "{\"name\":\"killed\",\"firmware_id\":"
                + firmware.ready(VERSION, CONTENT) + ",\"scope\":{\"device_types\":[\"probe\"]},"
                + "\"stages\":[{\"count\":4},{}],\"success_percent\":100,\"max_attempts\":3}").path("id").asText();
    }

    /// @return how many downloads were interrupted
    private int workUntilKilled(PackagedPlatform platform, List<Updating> fleet) throws Exception {
        var stop = new AtomicBoolean();
        var threads = fleet.stream().map(it -> Thread.startVirtualThread(() -> it.live(platform, stop))).toList();
        Await.until("downloads flow", SOON, () -> fleet.stream().anyMatch(it -> it.isFetching)
                || fleet.stream().allMatch(it -> it.isAcknowledged));
        LockSupport.parkNanos(Duration.ofMillis(RANDOM.nextInt(50, 900)).toNanos());
        var fetching = (int) fleet.stream().filter(it -> it.isFetching).count();
        var tree = platform.processTree();
        platform.kill9();
        for (var thread : threads) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        Await.until("no process is left", SOON, () -> tree.stream().noneMatch(ProcessHandle::isAlive));
        return fetching;
    }

    private static void workToTheEnd(PackagedPlatform platform, List<Updating> fleet, String rollout)
            throws InterruptedException {
        var stop = new AtomicBoolean();
        var threads = fleet.stream().map(it -> Thread.startVirtualThread(() -> it.live(platform, stop))).toList();
        try {
            Await.until("the rollout's end", SOON, () -> platform.asAdmin("/api/v1/rollouts/" + rollout).json()
                    .path("state").asText().equals("finished"));
            // A while longer: nothing may come any more.
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        } finally {
            stop.set(true);
            for (var thread : threads) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        }
    }

    private static void judge(PackagedPlatform platform, Updating each) {
        var firmware = new PackagedFirmware(platform);
        var updates = platform.asAdmin("/api/v1/devices/" + each.device.id() + "/updates").json().path("updates");
        assertThat(updates).as("one offer, and no other: " + updates).hasSize(1);
        assertThat(updates.get(0).path("status").asText()).as(updates.toString()).isEqualTo("installed");
        assertThat(updates.get(0).path("attempts").asInt()).as(updates.toString()).isEqualTo(1);
        assertThat(firmware.runs(each.device)).isEqualTo(VERSION);
        assertThat(each.got.toByteArray()).isEqualTo(CONTENT);
    }
}
