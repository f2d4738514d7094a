package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// MQTT packets that the gate makes or changes. Reason codes are those of MQTT 5, section 2.4.
final class Packets {
    static final int DISCONNECT_WITH_WILL = 0x04;
    static final int MALFORMED_PACKET = 0x81;
    static final int PROTOCOL_ERROR = 0x82;
    static final int NOT_AUTHORIZED = 0x87;
    static final int TOPIC_ALIAS_INVALID = 0x94;
    static final int PACKET_TOO_LARGE = 0x95;
    static final int QUOTA_EXCEEDED = 0x97;
    static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int PAYLOAD_FORMAT_INVALID = 0x99;

    private static final int REASON_STRING = 0x1F;
    private static final int REASON_STRING_BYTES = 200;

    private static final FastThreadLocal<byte[]> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[16 << 10];
        }
    };

    private Packets() {}

    /// Room for a payload of that length, until the thread asks again.
    static byte[] scratch(int length) {
        var kept = SCRATCH.get();
        return length <= kept.length ? kept : new byte[length];
    }

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
        var text = shortened(detail);
        var packet = allocator.buffer(16 + text.length).writeByte(type);
        writeReason(packet, 3, text);
        return writeText(packet.writeShort(packetId).writeByte(reason), text);
    }

    /// Whole characters of it.
    private static byte[] shortened(String detail) {
        var text = detail.getBytes(StandardCharsets.UTF_8);
        var length = Math.min(text.length, REASON_STRING_BYTES);
        while (length > 0 && length < text.length && (text[length] & 0xC0) == 0x80) length--;
        return Arrays.copyOf(text, length);
    }

    /// The remaining length of a packet whose only property is a reason in words.
    ///
    /// @param before bytes before the properties
    private static void writeReason(ByteBuf packet, int before, byte[] text) {
        var properties = 3 + text.length;
        writeVariable(packet, before + (properties < 128 ? 1 : 2) + properties);
    }

    private static ByteBuf writeText(ByteBuf packet, byte[] text) {
        writeVariable(packet, 3 + text.length);
        return packet.writeByte(REASON_STRING).writeShort(text.length).writeBytes(text);
    }

    private static void writeVariable(ByteBuf packet, int number) {
        if (number >= 128) packet.writeByte(number & 0x7F | 0x80).writeByte(number >>> 7);
        else packet.writeByte(number);
    }

    static ByteBuf pubcomp(ByteBufAllocator allocator, int packetId) {
        return allocator.buffer(4).writeByte(0x70).writeByte(2).writeShort(packetId);
    }

    /// One of MQTT 5 with a reason in words.
    static ByteBuf disconnect(ByteBufAllocator allocator, int reason, String detail) {
        var text = shortened(detail);
        var packet = allocator.buffer(16 + text.length).writeByte(0xE0);
        writeReason(packet, 1, text);
        return writeText(packet.writeByte(reason), text);
    }

    static ByteBuf disconnect(ByteBufAllocator allocator, int reason) {
        return allocator.buffer(4).writeByte(0xE0).writeByte(2).writeByte(reason).writeByte(0);
    }

    static int reasonOf(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? Byte.toUnsignedInt(header.reasonCode()) : 0;
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
