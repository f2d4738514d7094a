package io.iotflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.mqtt.MqttListener;
import io.iotflow.server.shadow.ShadowChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What there is to say about shadows goes to devices over MQTT.
record MqttShadows(MqttListener mqtt) implements ShadowChannel {
    private static final String GATEWAY = "gateway/";
    private static final String ATTRIBUTES = "attributes";

    @Override
    public boolean isFollowed(DeviceId device, String topic) {
        if (topic.startsWith(GATEWAY)) return mqtt.isFollowedByGateway(device, topic.substring(GATEWAY.length()));
        return isForeign(topic) ? mqtt.isForeignFollowed(device, topic)
                : mqtt.isFollowed(device, Kind.SHADOW, topic);
    }

    @Override
    public void publish(DeviceId device, String topic, byte[] payload) {
        if (topic.startsWith(GATEWAY)) {
            var word = topic.substring(GATEWAY.length());
            mqtt.publishToGateway(device, word, name -> forGateway(name, word, payload));
        } else if (isForeign(topic)) {
            mqtt.publishForeign(device, topic, payload, Optional.empty());
        } else {
            mqtt.publish(device, Kind.SHADOW, topic, payload);
        }
    }

    /// Changes stand in a field of their own, answers beside the device's name.
    static byte[] forGateway(String name, String word, byte[] payload) {
        JsonNode said = Json.read(payload);
        var json = Json.mapper().createObjectNode().put("device", name);
        if (word.equals(ATTRIBUTES)) json.set("data", said);
        else json.setAll((ObjectNode) said);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Our own topics have one word.
    private static boolean isForeign(String topic) {
        return topic.indexOf('/') >= 0;
    }
}
