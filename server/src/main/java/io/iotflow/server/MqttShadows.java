package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.mqtt.MqttListener;
import io.iotflow.server.shadow.ShadowChannel;
import java.util.Optional;

/// What there is to say about shadows goes to devices over MQTT.
record MqttShadows(MqttListener mqtt) implements ShadowChannel {
    @Override
    public boolean isFollowed(DeviceId device, String topic) {
        return isForeign(topic) ? mqtt.isForeignFollowed(device, topic)
                : mqtt.isFollowed(device, Kind.SHADOW, topic);
    }

    @Override
    public void publish(DeviceId device, String topic, byte[] payload) {
        if (isForeign(topic)) mqtt.publishForeign(device, topic, payload, Optional.empty());
        else mqtt.publish(device, Kind.SHADOW, topic, payload);
    }

    /// Our own topics have one word.
    private static boolean isForeign(String topic) {
        return topic.indexOf('/') >= 0;
    }
}
