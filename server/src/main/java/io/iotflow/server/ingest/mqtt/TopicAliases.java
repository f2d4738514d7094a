package io.iotflow.server.ingest.mqtt;

import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;

/// The numbers that an MQTT 5 client uses in place of long topics, for one connection.
final class TopicAliases {
    /// What the platform allows; the broker advertises it.
    static final int MAXIMUM = 32;

    private String[] topics;

    /// The packet's topic; null if its alias breaks the rules.
    String topicOf(MqttPublishMessage packet) {
        var header = packet.variableHeader();
        var property = header.properties().getProperty(MqttPropertyType.TOPIC_ALIAS.value());
        if (property == null) return header.topicName();
        var alias = (int) property.value();
        if (alias < 1 || alias > MAXIMUM) return null;
        if (topics == null) topics = new String[MAXIMUM + 1];
        if (!header.topicName().isEmpty()) topics[alias] = header.topicName();
        return topics[alias];
    }
}
