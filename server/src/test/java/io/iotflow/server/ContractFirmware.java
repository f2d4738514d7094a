package io.iotflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.OpenApiContract.Operation;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// What the documented calls about firmware need to be there, made for each of them.
final class ContractFirmware implements AutoCloseable {
    /// As the document's examples have it.
    private static final byte[] CONTENT = "example".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = new byte[0];

    private final TestFirmware firmware;
    private int number;

    /// The first image of all is ready; examples speak of it by its number.
    ContractFirmware(URI base, String authorization) {
        firmware = new TestFirmware(base, authorization);
        firmware.ready("0", CONTENT, "");
    }

    /// What stands for the parameters of a call.
    Map<String, String> values(Operation operation, String device, String key) throws IOException {
        var values = new HashMap<String, String>();
        if (operation.path().contains("{firmware}")) values.put("firmware", image(operation.id()));
        if (operation.path().contains("{firmware_key}")) values.put("firmware_key", key());
        if (operation.path().contains("{rollout}")) values.put("rollout", rollout(operation.id()));
        switch (operation.id()) {
            case "deviceFirmware", "downloadDeviceFirmware", "reportDeviceFirmware", "cancelUpdate",
                 "listUpdates" -> values.put("offered", offer(device));
            case "downloadLinkedFirmware" -> {
                offer(device);
                var offered = Json.mapper().readTree(firmware.send("GET", "/api/v1/devices/firmware", NOTHING,
                        "X-API-Key", key).body());
                values.put("link", offered.at("/update/link").asText().replaceAll(".*link=", ""));
            }
            case "ddiPoll", "ddiDeployment", "ddiFeedback", "ddiInstalled", "ddiArtifacts", "ddiArtifact",
                 "thingsBoardFirmware" ->
                    values.put("action", offer(device));
            case "ddiCancel", "ddiCancelFeedback" -> {
                values.put("action", offer(device));
                firmware.json("DELETE", "/api/v1/devices/" + device + "/updates", NOTHING);
            }
            default -> { }
        }
        return values;
    }

    private String offer(String device) {
        return post("devices/" + device + "/updates", "{'firmware_id':1}").path("id").asText();
    }

    private String image(String call) {
        var version = "0.contract-" + number++;
        return switch (call) {
            case "uploadFirmware", "deleteFirmware" -> firmware.announced(version, CONTENT, "");
            case "finishFirmware" -> {
                var id = firmware.announced(version, CONTENT, "");
                firmware.upload(id, CONTENT);
                yield id;
            }
            default -> firmware.ready(version, CONTENT, "");
        };
    }

    private String key() {
        var id = post("firmware/keys", "{'name':'contract-" + number++
                + "','public_key':'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='}").path("id");
        return id.asText();
    }

    /// In a state in which the call may be made.
    private String rollout(String call) {
        var plan = "{'name':'contract','firmware_id':1,'scope':{'device_types':['none']},'joins':true";
        if (call.equals("approveRollout")) return byAnother(plan + ",'approval':true}");
        var id = post("rollouts", plan + "}").path("id").asText();
        become(id, "running");
        if (call.equals("resumeRollout")) post("rollouts/" + id + "/pause", "");
        if (call.equals("deleteRollout")) post("rollouts/" + id + "/finish", "");
        return id;
    }

    private String byAnother(String plan) {
        var token = post("tokens", "{'name':'author-" + number++ + "','permissions':['rollouts:write','firmware:read'],"
                + "'expires_at':'+1d'}").path("token").asText();
        try {
            return Json.mapper().readTree(firmware.send("POST", "/api/v1/rollouts", bytes(plan), "Authorization",
                    "Bearer " + token).body()).path("id").asText();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void become(String rollout, String state) {
        TestPlatform.await("the rollout is " + state, () -> firmware.json("GET", "/api/v1/rollouts/" + rollout, NOTHING)
                .path("state").asText().equals(state));
    }

    private JsonNode post(String path, String body) {
        return firmware.json("POST", "/api/v1/" + path, bytes(body));
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        firmware.close();
    }
}
