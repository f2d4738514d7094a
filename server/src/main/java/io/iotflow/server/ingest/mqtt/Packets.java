package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import java.nio.charset.StandardCharsets;

/// MQTT packets that the gate makes or changes. Reason codes are those of MQTT 5, section 2.4.
final class Packets {
    static final int DISCONNECT_WITH_WILL = 0x04;
    static final int MALFORMED_PACKET = 0x81;
    static final int PROTOCOL_ERROR = 0x82;
    static final int NOT_AUTHORIZED = 0x87;
    static final int TOPIC_ALIAS_INVALID = 0x94;
    static final int PACKET_TOO_LARGE = 0x95;
    static final int QUOTA_EXCEEDED = 0x97;
    private static final int PAYLOAD_FORMAT_INVALID = 0x99;

    private static final int REASON_STRING = 0x1F;
    private static final int REASON_STRING_BYTES = 200;

    private Packets() {}

    static int reason(Reason reason) {
        return switch (reason) {
            case NOT_AUTHORIZED, UNKNOWN_TOPIC -> NOT_AUTHORIZED;
            case MALFORMED, INVALID, TYPE_CHANGED -> PAYLOAD_FORMAT_INVALID;
            case TOO_LARGE -> PACKET_TOO_LARGE;
            case TOO_MANY_METRICS -> QUOTA_EXCEEDED;
        };
    }

    /// A PUBACK or PUBREC of MQTT 5 that says no, and why.
    static ByteBuf negative(ByteBufAllocator allocator, int type, int packetId, int reason, String detail) {
        var text = detail.getBytes(StandardCharsets.UTF_8);
        var length = Math.min(text.length, REASON_STRING_BYTES);
        while (length > 0 && length < text.length && (text[length] & 0xC0) == 0x80) length--;
        var properties = 3 + length;
        var packet = allocator.buffer(16 + length).writeByte(type);
        writeVariable(packet, 3 + (properties < 128 ? 1 : 2) + properties);
        packet.writeShort(packetId).writeByte(reason);
        writeVariable(packet, properties);
        return packet.writeByte(REASON_STRING).writeShort(length).writeBytes(text, 0, length);
    }

    private static void writeVariable(ByteBuf packet, int number) {
        if (number >= 128) packet.writeByte(number & 0x7F | 0x80).writeByte(number >>> 7);
        else packet.writeByte(number);
    }

    static ByteBuf pubcomp(ByteBufAllocator allocator, int packetId) {
        return allocator.buffer(4).writeByte(0x70).writeByte(2).writeShort(packetId);
    }

    static ByteBuf disconnect(ByteBufAllocator allocator, int reason) {
        return allocator.buffer(4).writeByte(0xE0).writeByte(2).writeByte(reason).writeByte(0);
    }

    /// The same message on another topic, without an alias. Keeps the payload's only reference.
    static MqttPublishMessage withTopic(MqttPublishMessage message, String topic) {
        var old = message.variableHeader();
        return new MqttPublishMessage(message.fixedHeader(), new MqttPublishVariableHeader(topic, old.packetId(),
                without(old.properties(), MqttPropertyType.TOPIC_ALIAS)), message.payload());
    }

    /// The properties but for those of one type; the same object if there is none.
    static MqttProperties without(MqttProperties properties, MqttPropertyType type) {
        if (properties.getProperty(type.value()) == null) return properties;
        var rest = new MqttProperties();
        for (var property : properties.listAll()) {
            if (property.propertyId() != type.value()) rest.add(property);
        }
        return rest;
    }
}
