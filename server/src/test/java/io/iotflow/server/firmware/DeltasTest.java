package io.iotflow.server.firmware;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestFirmware;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Deltas between images that are real machine code, on the whole platform, and applied by a device.
class DeltasTest {
    private static final byte[] NOTHING = new byte[0];
    private static final Path ZSTD = Path.of("/usr/bin/zstd");

    @TempDir
    static Path folder;

    private static TestPlatform platform;
    private static TestFirmware firmware;
    private static byte[] old;
    private static byte[] next;

    @BeforeAll
    static void start() throws IOException {
        // A library of this Java, and what might be its next build.
        old = Arrays.copyOf(Files.readAllBytes(Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so")),
                3_000_000);
        next = rebuilt(old);
        platform = TestPlatform.start();
        firmware = TestFirmware.on(platform);
    }

    @AfterAll
    static void stop() {
        if (firmware != null) firmware.close();
        if (platform != null) platform.close();
    }

    /// Here and there something is longer, and addresses are others.
    private static byte[] rebuilt(byte[] image) {
        var random = new Random(4);
        var built = new ByteArrayOutputStream();
        for (var at = 0; at < image.length; ) {
            var length = Math.min(image.length - at, random.nextInt(100, 60_000));
            built.write(image, at, length);
            at += length;
            for (var n = random.nextInt(24); n > 0; n--) built.write(random.nextInt(256));
        }
        return built.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        try {
            return Json.mapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A device that runs a version.
    private static TestDevice device(String name, String version, String capabilities) {
        var made = firmware.json("POST", "/api/v1/admin/devices", bytes("{'name':'" + name
                + "','device_type':'test','firmware_version':'" + version + "','capabilities':" + capabilities + "}"))
                .path("device");
        return new TestDevice(made.path("id").longValue(), name, made.path("api_key").textValue());
    }

    private static void offer(TestDevice device, String image, String more) {
        firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates",
                bytes("{'firmware_id':" + image + more + "}"));
    }

    private static HttpResponse<byte[]> as(TestDevice device, String method, String path, String body,
            String... headers) {
        var all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "X-API-Key";
        all[headers.length + 1] = device.key();
        return firmware.send(method, "/api/v1/devices/firmware" + path, bytes(body), all);
    }

    private static JsonNode offered(TestDevice device) {
        return json(as(device, "GET", "", "")).path("update");
    }

    private static Path file(String from, String to) {
        return platform.folder().resolve("firmware").resolve(to + "-from-" + from + ".delta");
    }

    @Test
    void whoRunsTheVersionBeforeAndCanApplyADeltaIsOfferedOne() throws Exception {
        var from = firmware.ready("1.0", old, "");
        var to = firmware.ready("1.1", next, "");
        await("the delta is made", () -> Files.exists(file(from, to)));
        var able = device("able", "1.0", "['" + Delta.CAPABILITY + "']");
        offer(able, to, "");
        var delta = TestPlatform.await(() -> offered(able).path("delta"), it -> it.isObject());
        assertThat(delta.path("format").asText()).isEqualTo("zstd");
        assertThat(delta.path("base_firmware_id").asText()).isEqualTo(from);
        assertThat(delta.path("size").asInt()).isBetween(1, next.length / 4);
        var got = as(able, "GET", "/download?delta=zstd", "");
        assertThat(got.headers().firstValue("ETag")).contains('"' + delta.path("sha256").asText() + '"');
        assertThat(TestFirmware.sha256(got.body())).isEqualTo(delta.path("sha256").asText());
        var part = as(able, "GET", "/download?delta=zstd", "", "Range", "bytes=100-199");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(got.body(), 100, 200));
        assertThat(firmware.send("GET", delta.path("link").asText(), NOTHING, "X-None", "none").body())
                .isEqualTo(got.body());
        assertThat(as(able, "GET", "/download", "").body()).as("the whole image as well").isEqualTo(next);
        for (var other : new TestDevice[] {device("unable", "1.0", "[]"),
            device("elsewhere", "0.9", "['" + Delta.CAPABILITY + "']")}) {
            offer(other, to, "");
            assertThat(offered(other).path("delta").isNull()).as(other.name()).isTrue();
            assertThat(as(other, "GET", "/download?delta=zstd", "").statusCode()).isEqualTo(404);
        }
        theToolOfEverydayAppliesIt(got.body());
    }

    private static void theToolOfEverydayAppliesIt(byte[] delta) throws Exception {
        assumeTrue(Files.isExecutable(ZSTD), "zstd is not installed");
        Files.write(folder.resolve("old"), old);
        Files.write(folder.resolve("delta.zst"), delta);
        var process = new ProcessBuilder(ZSTD.toString(), "-q", "-d", "--patch-from=old", "delta.zst", "-o", "next")
                .directory(folder.toFile()).inheritIO().start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(Files.readAllBytes(folder.resolve("next"))).isEqualTo(next);
    }

    @Test
    void whoHasFailedIsOfferedTheWholeImage() {
        var from = firmware.ready("2.0", old, "");
        var to = firmware.ready("2.1", next, "");
        await("the delta is made", () -> Files.exists(file(from, to)));
        var device = device("fails", "2.0", "['" + Delta.CAPABILITY + "']");
        offer(device, to, ",'max_attempts':2");
        TestPlatform.await(() -> offered(device).path("delta"), it -> it.isObject());
        as(device, "POST", "/status", "{'status':'failed','detail':'the delta does not apply'}");
        var again = offered(device);
        assertThat(again.path("attempt").asInt()).isEqualTo(2);
        assertThat(again.path("delta").isNull()).isTrue();
        assertThat(as(device, "GET", "/download?delta=zstd", "").statusCode()).isEqualTo(404);
        assertThat(as(device, "GET", "/download", "").body()).isEqualTo(next);
    }

    @Test
    void whereADeltaIsOfNoUseTheWholeImageIsOffered() throws Exception {
        var random = new Random(5);
        var one = new byte[200_000];
        var other = new byte[200_000];
        random.nextBytes(one);
        random.nextBytes(other);
        var from = firmware.ready("3.0", one, "");
        var to = firmware.ready("3.1", other, "");
        await("it was tried", () -> isUseless(from, to));
        var device = device("random", "3.0", "['" + Delta.CAPABILITY + "']");
        offer(device, to, "");
        assertThat(offered(device).path("delta").isNull()).isTrue();
        assertThat(Files.exists(file(from, to))).isFalse();
    }

    private static boolean isUseless(String from, String to) {
        var deltas = firmware.json("GET", "/api/v1/firmware/" + to + "/deltas", NOTHING).path("deltas");
        return deltas.valueStream().anyMatch(it -> it.path("base_firmware_id").asText().equals(from)
                && !it.path("is_useful").asBoolean());
    }

    @Test
    void aDeltaThatIsNotOfThisImageIsKnown() throws IOException {
        var base = Files.write(folder.resolve("base"), old);
        var image = Files.write(folder.resolve("image"), next);
        var delta = folder.resolve("delta");
        assertThat(DeltaCodec.make(base, image, delta, next.length)).isTrue();
        assertThat(DeltaCodec.applied(base, delta, next.length)).isEqualTo(TestFirmware.sha256(next));
        assertThat(DeltaCodec.applied(image, delta, next.length)).isNotEqualTo(TestFirmware.sha256(next));
        var spoilt = Files.readAllBytes(delta);
        spoilt[spoilt.length / 2] ^= 1;
        assertThat(DeltaCodec.applied(base, Files.write(delta, spoilt), next.length))
                .isNotEqualTo(TestFirmware.sha256(next));
        assertThat(DeltaCodec.make(base, image, delta, 1_000)).as("larger than it may be").isFalse();
    }

    @Test
    void filesOfDeltasGoWithTheirImages() {
        var from = firmware.ready("4.0", old, "");
        var to = firmware.ready("4.1", next, "");
        await("the delta is made", () -> Files.exists(file(from, to)));
        assertThat(firmware.send("DELETE", "/api/v1/firmware/" + from, NOTHING).statusCode()).isEqualTo(204);
        assertThat(Files.exists(file(from, to))).isFalse();
    }
}
