package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.iotflow.acceptance.PackagedPlatform.Device;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Updates of devices by clients that were not written here and speak hawkBit's interface or ThingsBoard's: SWUpdate
/// from Debian, others from npm. Nothing of them is changed but where they connect.
class ForeignUpdatersTest {
    private static final Path SWUPDATE = Path.of("/usr/bin/swupdate");
    private static final byte[] CONTENT = new byte[300_000];

    @TempDir
    static Path folder;

    private static PackagedPlatform platform;
    private static PackagedFirmware firmware;

    @BeforeAll
    static void start() {
        new Random(3).nextBytes(CONTENT);
        platform = PackagedPlatform.start(folder.resolve("data"));
        firmware = new PackagedFirmware(platform);
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static void requireNode() throws Exception {
        assumeTrue(Files.isExecutable(ForeignClient.NODE), "Node is not installed at /usr/bin/node");
        assumeTrue(ForeignClient.areInstalled(folder), "npm cannot install what acceptance/clients/package.json names");
    }

    private static ForeignClient hawkbit(Device device, String last, String finished) {
        return ForeignClient.of(folder, ForeignClient.NODE.toString(), "hawkbit-device.mjs",
                Integer.toString(platform.httpPort()), device.name(), device.key(),
                folder.resolve("artifacts").toString(), last, finished);
    }

    @Test
    void aClientOfHawkbitGoesOnWithADownloadAndInstalls() throws Exception {
        requireNode();
        var device = platform.register("ddi-good");
        firmware.offer(device, "9.0", CONTENT);
        // What an earlier connection has left.
        Files.createDirectories(folder.resolve("artifacts"));
        Files.write(folder.resolve("artifacts/lamp-9.0.bin"), Arrays.copyOf(CONTENT, 100_000));
        try (var client = hawkbit(device, "deploymentBase", "success")) {
            client.awaitEnd();
            var download = client.events().stream().filter(it -> it.path("event").asText().equals("downloaded"))
                    .findFirst().orElseThrow();
            assertThat(download.path("from").asInt()).isEqualTo(100_000);
            assertThat(download.path("update").asText()).isEqualTo("forced");
        }
        assertThat(Files.readAllBytes(folder.resolve("artifacts/lamp-9.0.bin"))).isEqualTo(CONTENT);
        assertThat(firmware.newest(device).path("steps").findValuesAsText("status"))
                .containsExactly("offered", "downloading", "downloaded", "installed");
        assertThat(firmware.runs(device)).isEqualTo("9.0");
        assertThat(platform.asAdmin("/api/v1/admin/devices/" + device.id()).json()
                .at("/device/metadata/attributes/serial").asText()).isEqualTo("4711");
    }

    @Test
    void aClientOfHawkbitThatFailsHasFailed() throws Exception {
        requireNode();
        var device = platform.register("ddi-bad");
        firmware.offer(device, "9.1", CONTENT);
        try (var client = hawkbit(device, "deploymentBase", "failure")) {
            client.awaitEnd();
        }
        assertThat(firmware.newest(device).path("status").asText()).isEqualTo("failed");
        assertThat(firmware.newest(device).path("detail").asText()).isEqualTo("is closed");
    }

    @Test
    void aClientOfHawkbitStopsWhatWasCalledBack() throws Exception {
        requireNode();
        var device = platform.register("ddi-stopped");
        firmware.offer(device, "9.2", CONTENT);
        platform.asAdmin("DELETE", "/api/v1/devices/" + device.id() + "/updates", "");
        try (var client = hawkbit(device, "cancelAction", "none")) {
            client.awaitEnd();
            assertThat(client.events().getLast().path("event").asText()).isEqualTo("cancelAction");
            assertThat(client.text()).contains("\"stopId\":\"" + firmware.newest(device).path("id").asText() + "\"");
        }
        var polled = platform.send("GET", "/default/controller/v1/ddi-stopped", (String) null, "Authorization",
                "TargetToken " + device.key()).json();
        assertThat(polled.path("_links").has("cancelAction")).isFalse();
    }

    @Test
    void aDeviceOfThingsBoardWithMqttJsUpdatesItself() throws Exception {
        requireNode();
        var device = platform.register("tb-updated");
        firmware.offer(device, "9.3", CONTENT);
        try (var client = ForeignClient.of(folder, ForeignClient.NODE.toString(), "thingsboard-firmware.mjs",
                Integer.toString(platform.mqttPort()), device.key())) {
            client.awaitEnd();
            assertThat(client.events().getLast().path("isGood").asBoolean()).as(client.text()).isTrue();
        }
        Await.until("installed", Duration.ofSeconds(20), () -> firmware.runs(device).equals("9.3"));
        assertThat(firmware.newest(device).path("steps").findValuesAsText("status")).containsExactly("offered",
                "downloading", "downloaded", "verified", "installing", "installed");
    }

    @Test
    void swUpdateInstallsASignedImageAndConfirmsIt() throws Exception {
        assumeTrue(Files.isExecutable(SWUPDATE), "swupdate is not installed");
        var device = platform.register("swu-good");
        firmware.offer(device, "9.4", signedImage("payload of 9.4", false));
        try (var client = swUpdate(device)) {
            client.awaitText("Post-update actions successfully executed");
            assertThat(target()).hasContent("payload of 9.4");
        }
        assertThat(firmware.newest(device).path("status").asText()).isNotIn("offered", "failed");
        try (var client = swUpdate(device, "-c", "2")) { // after it has started anew
            Await.until("installed: " + client.text(), Duration.ofSeconds(30),
                    () -> firmware.runs(device).equals("9.4"));
        }
        assertThat(firmware.newest(device).path("status").asText()).isEqualTo("installed");
    }

    @Test
    void swUpdateRefusesWhatIsNotSignedAndSaysSo() throws Exception {
        assumeTrue(Files.isExecutable(SWUPDATE), "swupdate is not installed");
        var device = platform.register("swu-bad");
        firmware.offer(device, "9.5", signedImage("payload of 9.5", true));
        try (var client = swUpdate(device)) {
            Await.until("failed: " + client.text(), Duration.ofSeconds(30),
                    () -> firmware.newest(device).path("status").asText().equals("failed"));
        }
        assertThat(firmware.runs(device)).isNotEqualTo("9.5");
    }

    private static Path target() {
        return folder.resolve("installed.bin");
    }

    private static ForeignClient swUpdate(Device device, String... more) {
        return ForeignClient.of(folder, SWUPDATE.toString(), "-k", folder.resolve("cert.pem").toString(), "-l", "5",
                "-H", "board:1.0", "-u", "-t default -u http://127.0.0.1:" + platform.httpPort() + " -i "
                + device.name() + " -k " + device.key() + " -p 1 " + String.join(" ", more));
    }

    // ---- an image as SWUpdate wants it: an archive in the format of `cpio -H crc`

    private static byte[] signedImage(String payload, boolean isSpoilt) throws Exception {
        var bytes = payload.getBytes(StandardCharsets.UTF_8);
        Files.writeString(folder.resolve("sw-description"), "software = { version = \"1.0\"; "
                + "hardware-compatibility: [ \"1.0\" ]; files: ( { filename = \"payload.bin\"; path = \"" + target()
                + "\"; sha256 = \"" + PackagedFirmware.sha256(bytes) + "\"; } ); }\n");
        var shell = new ProcessBuilder("bash", "-euc", "test -e cert.pem || openssl req -x509 -newkey rsa:2048 -nodes "
                + "-keyout key.pem -out cert.pem -subj /CN=test -days 10 -addext extendedKeyUsage=emailProtection\n"
                + "openssl cms -sign -in sw-description -out sw-description.sig -signer cert.pem -inkey key.pem "
                + "-outform DER -nosmimecap -binary").directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.txt").toFile()).start();
        assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(Files.readString(folder.resolve("openssl.txt"))).isZero();
        var description = Files.readAllBytes(folder.resolve("sw-description"));
        if (isSpoilt) description[description.length - 1] = ' ';
        var archive = new ByteArrayOutputStream();
        entry(archive, 1, "sw-description", description);
        entry(archive, 2, "sw-description.sig", Files.readAllBytes(folder.resolve("sw-description.sig")));
        entry(archive, 3, "payload.bin", bytes);
        entry(archive, 0, "TRAILER!!!", new byte[0]);
        return archive.toByteArray();
    }

    private static void entry(ByteArrayOutputStream archive, int inode, String name, byte[] bytes) {
        var sum = 0;
        for (var each : bytes) sum += Byte.toUnsignedInt(each);
        var header = new StringBuilder("070702");
        for (var field : new int[] {inode, 0100644, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length() + 1, sum}) {
            header.append(String.format(Locale.ROOT, "%08X", field));
        }
        archive.writeBytes((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
        pad(archive);
        archive.writeBytes(bytes);
        pad(archive);
    }

    private static void pad(ByteArrayOutputStream archive) {
        while (archive.size() % 4 != 0) archive.write(0);
    }
}
