package io.iotflow.server.firmware;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestFirmware;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.http.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Where time and room for firmware end.
class FirmwareLimitsTest {
    private static final byte[] CONTENT = "firmware".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = new byte[0];

    private static TestPlatform platform;
    private static TestFirmware firmware;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("firmware.link_time=5s", "firmware.disk_gib=1");
        firmware = TestFirmware.on(platform);
    }

    @AfterAll
    static void stop() {
        if (firmware != null) firmware.close();
        if (platform != null) platform.close();
    }

    private static HttpResponse<byte[]> announced(String version, long size) {
        return firmware.send("POST", "/api/v1/firmware", ("{\"name\":\"big\",\"version\":\"" + version + "\",\"size\":"
                + size + ",\"sha256\":\"" + TestFirmware.sha256(CONTENT) + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws Exception {
        return Json.mapper().readTree(answer.body());
    }

    @Test
    void aLinkIsRefusedAfterItsTimeAndTheNextOfferHasAnother() throws Exception {
        var device = platform.device("linked");
        firmware.json("POST", "/api/v1/devices/" + device.id() + "/updates", ("{\"firmware_id\":"
                + firmware.ready("1.0", CONTENT, "") + "}").getBytes(StandardCharsets.UTF_8));
        var link = link(device.key());
        await("its end", () -> firmware.send("GET", link, NOTHING, "X-None", "none").statusCode() == 404);
        var refused = json(firmware.send("GET", link, NOTHING, "X-None", "none"));
        assertThat(refused.path("detail").asText()).contains("ask for the firmware again");
        assertThat(firmware.send("GET", link(device.key()), NOTHING, "X-None", "none").body()).isEqualTo(CONTENT);
    }

    private static String link(String key) throws Exception {
        return json(firmware.send("GET", "/api/v1/devices/firmware", NOTHING, "X-API-Key", key)).at("/update/link")
                .asText();
    }

    @Test
    void anImageThatFindsNoRoomIsRefusedBeforeItsUpload() throws Exception {
        var large = json(announced("1", (1L << 30) - 1_000)).path("id").asText();
        var refused = announced("2", 1_001);
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(json(refused).path("detail").asText()).contains("1 GiB", "Delete some", "firmware.disk_gib");
        firmware.send("DELETE", "/api/v1/firmware/" + large, NOTHING);
        assertThat(announced("2", 1_001).statusCode()).isEqualTo(201);
    }
}
