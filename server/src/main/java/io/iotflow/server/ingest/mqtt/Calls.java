package io.iotflow.server.ingest.mqtt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The numbers under which devices of ThingsBoard are called to do commands: there an answer names a number, and ours a
/// command. A restart forgets them.
public final class Calls {
    private final Cache<Integer, Call> open = Caffeine.newBuilder().maximumSize(ShadowLimits.FOREIGN_CALLS)
            .expireAfterWrite(ShadowLimits.FOREIGN_CALL_TIME).build();
    private final AtomicInteger last = new AtomicInteger();

    record Call(DeviceId device, String command) {}

    /// The broker's topic for a call.
    static String topic(DeviceId device, String number) {
        return ForeignTopics.canonical(device, "thingsboard/rpc/request/" + number);
    }

    /// The same for calls to devices behind a gateway; the number stands in the message.
    static String topicOfOthers(DeviceId gateway) {
        return ForeignTopics.canonical(gateway, ForeignTopics.GATEWAY + "rpc");
    }

    /// What is said to the gateway of a device.
    static byte[] callBehind(String name, int number, JsonNode command) {
        var call = Json.mapper().createObjectNode().put("device", name);
        call.set("data", said(command).put("id", number));
        return call.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The number in what is said to a gateway.
    static String numberBehind(byte[] call) {
        try {
            return Json.mapper().readTree(call).path("data").path("id").asText();
        } catch (IOException _) {
            return "";
        }
    }

    static byte[] call(JsonNode command) {
        return said(command).toString().getBytes(StandardCharsets.UTF_8);
    }

    /// What is said to the device: a method and what it is to do.
    public static ObjectNode said(JsonNode command) {
        var call = Json.mapper().createObjectNode().put("method", command.path("type").asText());
        var parameters = command.has("params") ? command.get("params") : command.path("parameters");
        if (parameters.isMissingNode()) call.putObject("params");
        else call.set("params", parameters);
        return call;
    }

    /// What was answered, as a result of ours. There an answer is all that was answered; ours says whether it went
    /// well, too.
    public static ObjectNode result(JsonNode answer) {
        var result = Json.mapper().createObjectNode().put("status", answer.has("error") ? "error" : "success");
        return result.set("data", answer);
    }

    public int number(DeviceId device, String command) {
        var number = last.updateAndGet(it -> it == Integer.MAX_VALUE ? 1 : it + 1);
        open.put(number, new Call(device, command));
        return number;
    }

    /// The command of a number that was given to this device; once it is answered, still.
    public Optional<String> command(DeviceId device, String number) {
        return find(number).filter(call -> call.device.equals(device)).map(Call::command);
    }

    Optional<Call> find(String number) {
        try {
            return Optional.ofNullable(open.getIfPresent(Integer.parseInt(number)));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
