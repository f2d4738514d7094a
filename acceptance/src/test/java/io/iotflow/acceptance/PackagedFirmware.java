package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.acceptance.PackagedPlatform.Device;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Puts firmware onto a running platform and offers it, as an operator does.
record PackagedFirmware(PackagedPlatform platform) {
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The number of an image that may be offered.
    String ready(String version, byte[] content) {
        var id = success("POST", "/api/v1/firmware", "{\"name\":\"lamp\",\"version\":\"" + version + "\",\"size\":"
                + content.length + ",\"sha256\":\"" + sha256(content) + "\"}").path("id").asText();
        var uploaded = platform.send("PUT", "/api/v1/firmware/" + id + "/content",
                BodyPublishers.ofByteArray(content), "Content-Type", "application/octet-stream", "Authorization",
                "admin " + PackagedPlatform.TOKEN);
        assertThat(uploaded.status()).as(uploaded.body()).isEqualTo(200);
        success("POST", "/api/v1/firmware/" + id + "/finish", "");
        return id;
    }

    /// Offers a new image to one device, once.
    void offer(Device device, String version, byte[] content) {
        success("POST", "/api/v1/devices/" + device.id() + "/updates",
                "{\"firmware_id\":" + ready(version, content) + ",\"max_attempts\":1}");
    }

    JsonNode newest(Device device) {
        return platform.asAdmin("/api/v1/devices/" + device.id() + "/updates").json().at("/updates/0");
    }

    /// The version that the registry knows.
    String runs(Device device) {
        return platform.asAdmin("/api/v1/admin/devices/" + device.id()).json().at("/device/firmware_version").asText();
    }

    JsonNode success(String method, String path, String body) {
        var answer = platform.asAdmin(method, path, body);
        assertThat(answer.status() / 100).as(path + " answers " + answer.body()).isEqualTo(2);
        return answer.json();
    }
}
