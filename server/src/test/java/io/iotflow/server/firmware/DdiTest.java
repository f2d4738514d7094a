package io.iotflow.server.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestFirmware;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A client of hawkBit's interface that knows nothing but the first address and follows links from there; the shapes
/// are those of hawkBit's documentation.
class DdiTest {
    private static final byte[] CONTENT = "an image".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = new byte[0];

    private static TestPlatform platform;
    private static TestFirmware firmware;

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

    private static HttpResponse<byte[]> send(TestDevice device, String method, String href, String body) {
        var uri = URI.create(href);
        var path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        return firmware.send(method, path, bytes(body), "Authorization", "TargetToken " + device.key(), "Accept",
                "application/hal+json", "Content-Type", "application/json");
    }

    private static JsonNode get(TestDevice device, String href) {
        var answer = send(device, "GET", href, "");
        assertThat(answer.statusCode()).as(href).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/hal+json");
        try {
            return Json.mapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode poll(TestDevice device) {
        return get(device, "http://any/default/controller/v1/" + device.name());
    }

    private static List<String> links(JsonNode polled) {
        return polled.path("_links").properties().stream().map(Map.Entry::getKey).toList();
    }

    private static String link(JsonNode node, String name) {
        return node.at("/_links/" + name + "/href").asText();
    }

    private static void says(TestDevice device, String href, String execution, String finished) {
        var answer = send(device, "POST", href + "/feedback", "{'id':'1','status':{'execution':'" + execution
                + "','result':{'finished':'" + finished + "','progress':{'cnt':1,'of':4}},'details':['said so']}}");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    /// As `rauc-hawkbit-updater` speaks.
    private static void says(TestDevice device, String href, String execution, String finished, String detail) {
        var answer = send(device, "POST", href + "/feedback", "{'id':'1','time':'20260401T100000','status':{'result':"
                + "{'finished':'" + finished + "'},'execution':'" + execution + "','details':['" + detail + "']}}");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private static String offer(TestDevice device, String version) {
        var image = firmware.ready(version, CONTENT, "");
        return firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates",
                bytes("{'firmware_id':" + image + ",'max_attempts':1}")).path("id").asText();
    }

    private static JsonNode newest(TestDevice device) {
        return firmware.json("GET", "/api/v1/devices/" + device.id() + "/updates", NOTHING).at("/updates/0");
    }

    private static boolean isOnline(TestDevice device) {
        return platform.get("/api/v1/admin/devices/" + device.id()).at("/device/is_online").asBoolean();
    }

    @Test
    void aClientFollowsLinksFromTheFirstPollToTheInstalledImage() {
        var device = platform.device("swupdate");
        assertThat(isOnline(device)).isFalse();
        var first = poll(device);
        assertThat(isOnline(device)).isTrue();
        assertThat(first.at("/config/polling/sleep").asText()).matches("[0-9]{2}:[0-9]{2}:[0-9]{2}");
        assertThat(links(first)).containsExactly("configData");
        assertThat(send(device, "PUT", link(first, "configData"), "{'mode':'merge','data':{'hwRevision':'2'}}")
                .statusCode()).isEqualTo(200);
        assertThat(platform.get("/api/v1/admin/devices/" + device.id()).at("/device/metadata/attributes/hwRevision")
                .asText()).isEqualTo("2");
        var id = offer(device, "5.0");
        var deployment = link(poll(device), "deploymentBase");
        assertThat(deployment).contains("/deploymentBase/" + id);
        var action = get(device, deployment);
        assertThat(action.path("id").asText()).isEqualTo(id);
        var chunk = action.at("/deployment/chunks/0");
        assertThat(chunk.path("version").asText()).isEqualTo("5.0");
        var artifact = chunk.at("/artifacts/0");
        assertThat(artifact.at("/hashes/sha256").asText()).isEqualTo(TestFirmware.sha256(CONTENT));
        assertThat(artifact.at("/hashes/sha1").asText()).hasSize(40);
        assertThat(artifact.at("/hashes/md5").asText()).hasSize(32);
        assertThat(artifact.path("size").asInt()).isEqualTo(CONTENT.length);
        assertThat(send(device, "GET", link(artifact, "download-http"), "").body()).isEqualTo(CONTENT);
        assertThat(new String(send(device, "GET", link(artifact, "md5sum-http"), "").body(), StandardCharsets.UTF_8))
                .startsWith(artifact.at("/hashes/md5").asText());
        var feedback = deployment.substring(0, deployment.indexOf('?'));
        says(device, feedback, "downloaded", "none");
        says(device, feedback, "proceeding", "none");
        assertThat(newest(device).path("status").asText()).as("never back").isEqualTo("downloaded");
        says(device, feedback, "closed", "success");
        assertThat(newest(device).path("status").asText()).isEqualTo("installed");
        assertThat(platform.get("/api/v1/admin/devices/" + device.id()).at("/device/firmware_version").asText())
                .isEqualTo("5.0");
        assertThat(links(poll(device))).containsExactly("installedBase");
    }

    @Test
    void aFailureIsAFailure() {
        var device = platform.device("rauc");
        offer(device, "5.1");
        var deployment = link(poll(device), "deploymentBase").replaceAll("\\?.*", "");
        says(device, deployment, "closed", "failure");
        assertThat(newest(device).path("status").asText()).isEqualTo("failed");
        assertThat(newest(device).path("detail").asText()).isEqualTo("said so");
    }

    @Test
    void whatWasCalledBackIsACancelActionUntilTheClientHasStopped() {
        var device = platform.device("cancelled");
        offer(device, "5.2");
        firmware.json("DELETE", "/api/v1/devices/" + device.id() + "/updates", NOTHING);
        var cancel = link(poll(device), "cancelAction");
        assertThat(get(device, cancel).at("/cancelAction/stopId").asText())
                .isEqualTo(newest(device).path("id").asText());
        says(device, cancel, "closed", "success");
        assertThat(links(poll(device))).containsExactly("configData");
    }

    /// A client that says `proceeding` until the end does not say when it is too late to call it back.
    @Test
    void whatWasInstalledAlthoughItWasCalledBackIsWhatTheDeviceRuns() {
        var device = platform.device("installing");
        offer(device, "5.4");
        var deployment = link(poll(device), "deploymentBase").replaceAll("\\?.*", "");
        says(device, deployment, "proceeding", "none", " 90% Copying image to rootfs.1");
        assertThat(newest(device).path("progress").asInt()).isEqualTo(90);
        var cancelled = firmware.json("DELETE", "/api/v1/devices/" + device.id() + "/updates", NOTHING);
        assertThat(cancelled.path("steps").findValuesAsText("status")).endsWith("cancelled");
        says(device, link(poll(device), "cancelAction"), "rejected", "success", "started already");
        says(device, deployment, "closed", "success", "Software bundle installed successfully.");
        assertThat(newest(device).path("status").asText()).isEqualTo("installed");
        assertThat(platform.get("/api/v1/admin/devices/" + device.id()).at("/device/firmware_version").asText())
                .isEqualTo("5.4");
        assertThat(links(poll(device))).contains("installedBase").doesNotContain("cancelAction");
    }

    @Test
    void whyAClientFailedStandsInTheTimeline() {
        var device = platform.device("refusing");
        offer(device, "5.5");
        var deployment = link(poll(device), "deploymentBase").replaceAll("\\?.*", "");
        for (var said : List.of("File checksum OK.", "  0% Installing", " 20% Checking bundle",
                "LastError: signature verification failed", "idle")) {
            says(device, deployment, "proceeding", "none", said);
        }
        says(device, deployment, "closed", "failure", "Failed to install software bundle.");
        assertThat(newest(device).path("detail").asText()).isEqualTo("Failed to install software bundle.");
        assertThat(newest(device).path("steps").findValuesAsText("detail")).containsExactly("", "File checksum OK.",
                "0% Installing", "LastError: signature verification failed", "idle",
                "Failed to install software bundle.");
    }

    @Test
    void whoSaysMuchStillHasItsEndInTheTimeline() {
        var device = platform.device("talkative");
        offer(device, "5.6");
        var deployment = link(poll(device), "deploymentBase").replaceAll("\\?.*", "");
        for (var n = 0; n < FirmwareLimits.FIRMWARE_DETAIL_STEPS + 10; n++) {
            says(device, deployment, "proceeding", "none", "block " + n);
        }
        says(device, deployment, "closed", "failure", "at last");
        var steps = newest(device).path("steps");
        assertThat(steps).hasSize(FirmwareLimits.FIRMWARE_DETAIL_STEPS + 1);
        assertThat(steps.path(FirmwareLimits.FIRMWARE_DETAIL_STEPS).path("status").asText()).isEqualTo("failed");
    }

    @Test
    void imagesAreCalledAsTheirClientsLookForThem() {
        checkName("swu", "070702" + "0".repeat(104), ".swu");
        checkName("rauc-bundle", "hsqs", ".raucb");
        checkName("odd", "0", ".bin");
    }

    private static void checkName(String name, String content, String end) {
        var device = platform.device(name);
        firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates", bytes("{'firmware_id':"
                + firmware.ready("5." + name, content.getBytes(StandardCharsets.UTF_8), "") + "}"));
        var artifact = get(device, link(poll(device), "deploymentBase")).at("/deployment/chunks/0/artifacts/0");
        assertThat(artifact.path("filename").asText()).endsWith(end);
        assertThat(send(device, "GET", link(artifact, "download-http"), "").statusCode()).isEqualTo(200);
    }

    @Test
    void aGatewayActsForItsDevicesAndNobodyForOthers() {
        var device = platform.device("behind");
        var other = platform.device("other");
        var token = platform.call("POST", "/api/v1/tokens", """
                {"name":"gateway","permissions":["devices:write"],"expires_at":"+1d"}""").path("token").asText();
        assertThat(firmware.send("GET", "/any/controller/v1/behind", NOTHING, "Authorization",
                "GatewayToken " + token).statusCode()).isEqualTo(200);
        assertThat(send(other, "GET", "http://any/default/controller/v1/" + device.name(), "").statusCode())
                .isEqualTo(404);
        assertThat(firmware.send("GET", "/any/controller/v1/behind", NOTHING, "Authorization", "TargetToken x")
                .statusCode()).isEqualTo(401);
        platform.call("DELETE", "/api/v1/admin/devices/" + platform.device("gone").id(), "");
        assertThat(firmware.send("GET", "/any/controller/v1/gone", NOTHING, "Authorization", "GatewayToken " + token)
                .statusCode()).isEqualTo(404);
        var asleep = platform.device("asleep");
        platform.call("PUT", "/api/v1/admin/devices/" + asleep.id() + "/status", "{\"status\":\"quarantined\"}");
        assertThat(firmware.send("GET", "/any/controller/v1/asleep", NOTHING, "Authorization",
                "GatewayToken " + token).statusCode()).isEqualTo(200);
        assertThat(isOnline(asleep)).isFalse();
        var action = offer(device, "5.3");
        assertThat(send(other, "GET", "http://any/default/controller/v1/other/deploymentBase/" + action, "")
                .statusCode()).isEqualTo(404);
    }

    @Test
    void everyWordOfAClientMeansSomething() {
        check("closed", "success", UpdateState.INSTALLED);
        check("closed", "none", UpdateState.INSTALLED);
        check("closed", "failure", UpdateState.FAILED);
        check("rejected", "none", UpdateState.FAILED);
        check("DOWNLOAD", "none", UpdateState.DOWNLOADING);
        check("downloaded", "none", UpdateState.DOWNLOADED);
        check("proceeding", "none", UpdateState.DOWNLOADING);
        check("resumed", "none", UpdateState.DOWNLOADING);
        check("scheduled", "none", null);
        check("canceled", "none", null);
        assertThatThrownBy(() -> feedback("flying", "none")).isInstanceOf(PlatformException.class);
    }

    private static void check(String execution, String finished, UpdateState expected) {
        assertThat(feedback(execution, finished).map(UpdateEvent.Reported::state)).as(execution + " " + finished)
                .isEqualTo(Optional.ofNullable(expected));
    }

    private static Optional<UpdateEvent.Reported> feedback(String execution, String finished) {
        try {
            return DdiFeedback.of(7, Json.mapper().readTree("{\"status\":{\"execution\":\"" + execution
                    + "\",\"result\":{\"finished\":\"" + finished + "\"}}}"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
