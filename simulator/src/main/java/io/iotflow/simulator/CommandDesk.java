package io.iotflow.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Takes one device's commands and says what became of them. A command that comes twice under the same id is done once
/// and answered twice, because QoS 1 may deliver twice.
final class CommandDesk {
    /// Results that are kept to be given again.
    private static final int REMEMBERED_MAX = 100;

    /// What the device can be made to do. Refuses with an [IllegalArgumentException] that says why.
    interface Device {
        void changeInterval(Duration interval);

        ObjectNode describe();

        ObjectNode calibrate(Order.Calibrate order);
    }

    /// @param topic      below the device's root
    /// @param restarting whether the device must restart once the result is out
    record Answer(String topic, byte[] result, boolean restarting) {}

    private final Device device;
    private final Map<String, byte[]> results = new LinkedHashMap<>();

    CommandDesk(Device device) {
        this.device = device;
    }

    /// @param wallNow    by which commands expire
    /// @param deviceTime which stamps the result
    Answer answer(String topic, byte[] payload, Instant wallNow, Instant deviceTime) {
        var received = Order.read(topic, payload, wallNow);
        var resultTopic = "commands/" + received.word() + "/result";
        var known = received.id().map(results::get);
        if (known.isPresent()) return new Answer(resultTopic, known.get(), false);
        var result = Json.bytes(obey(received).put("timestamp", Json.timestamp(deviceTime)));
        received.id().ifPresent(id -> remember(id, result));
        return new Answer(resultTopic, result, received.order() instanceof Order.Restart);
    }

    private void remember(String id, byte[] result) {
        results.put(id, result);
        if (results.size() > REMEMBERED_MAX) results.remove(results.keySet().iterator().next());
    }

    private ObjectNode obey(Order.Received received) {
        var result = Json.object().put("command_id", received.word());
        try {
            var data = switch (received.order()) {
                case Order.Restart _ -> Optional.<ObjectNode>empty();
                case Order.UpdateInterval(var interval) -> {
                    device.changeInterval(interval);
                    yield Optional.of(Json.object().put("interval_s", interval.toMillis() / 1_000.0));
                }
                case Order.GetStatus _ -> Optional.of(device.describe());
                case Order.Calibrate order -> Optional.of(device.calibrate(order));
                case Order.Unusable(var why) -> throw new IllegalArgumentException(why);
            };
            result.put("status", "success");
            data.ifPresent(node -> result.set("data", node));
        } catch (IllegalArgumentException e) {
            result.put("status", "error").put("message", e.getMessage());
        }
        return result;
    }
}
