package io.iotflow.server.ingest.mqtt;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The numbers under which devices of ThingsBoard are called to do commands: there an answer names a number, and ours a
/// command. A restart forgets them.
final class Calls {
    private final Cache<Integer, Call> open = Caffeine.newBuilder().maximumSize(ShadowLimits.FOREIGN_CALLS)
            .expireAfterWrite(ShadowLimits.FOREIGN_CALL_TIME).build();
    private final AtomicInteger last = new AtomicInteger();

    private record Call(DeviceId device, String command) {}

    /// The broker's topic for a call.
    static String topic(DeviceId device, String number) {
        return ForeignTopics.canonical(device, "thingsboard/rpc/request/" + number);
    }

    /// What is said to the device: a method and what it is to do.
    static byte[] call(JsonNode command) {
        var call = Json.mapper().createObjectNode().put("method", command.path("type").asText());
        var parameters = command.has("params") ? command.get("params") : command.path("parameters");
        if (parameters.isMissingNode()) call.putObject("params");
        else call.set("params", parameters);
        return call.toString().getBytes(StandardCharsets.UTF_8);
    }

    int number(DeviceId device, String command) {
        var number = last.updateAndGet(it -> it == Integer.MAX_VALUE ? 1 : it + 1);
        open.put(number, new Call(device, command));
        return number;
    }

    /// The command of a number that was given to this device; once it is answered, still.
    Optional<String> command(DeviceId device, String number) {
        try {
            return Optional.ofNullable(open.getIfPresent(Integer.parseInt(number)))
                    .filter(call -> call.device.equals(device)).map(Call::command);
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
