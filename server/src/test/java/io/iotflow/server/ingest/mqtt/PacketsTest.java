package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PacketsTest {
    private static final UnpooledByteBufAllocator HEAP = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void refusalSaysWhy() {
        check(Packets.negative(HEAP, 0x40, 0x1234, 0x99, "no"),
                "40" + "09"         // PUBACK, 9 bytes
                + "1234" + "99"     // packet id, payload format invalid
                + "05"              // 5 bytes of properties
                + "1f" + "0002" + "6e6f"); // reason string "no"
        check(Packets.negative(HEAP, 0x50, 1, 0x87, ""), "50070001" + "87" + "03" + "1f0000");
    }

    @Test
    void longRefusalIsCutBetweenCharacters() {
        var packet = Packets.negative(HEAP, 0x40, 1, 0x99, "x" + "ş".repeat(300));
        assertThat(ByteBufUtil.hexDump(packet, 0, 12))
                .isEqualTo("40" + "cf01"    // 207 bytes
                        + "0001" + "99"
                        + "ca01"            // 202 bytes of properties
                        + "1f" + "00c7"     // 199 bytes: the 200th would halve a character
                        + "78");
        assertThat(packet.readableBytes()).isEqualTo(3 + 207);
        packet.release();
    }

    @Test
    void refusalOfEveryLengthSaysItsOwnLength() {
        for (int n = 0; n < 250; n++) {
            var packet = Packets.negative(HEAP, 0x40, 1, 0x99, "x".repeat(n));
            packet.readByte();
            assertThat(variable(packet)).as("remaining length").isEqualTo(packet.readableBytes());
            packet.skipBytes(3);
            assertThat(variable(packet)).as("property length").isEqualTo(packet.readableBytes());
            packet.release();
        }
    }

    private static int variable(ByteBuf packet) {
        var first = packet.readUnsignedByte();
        return first < 128 ? first : first - 128 + 128 * packet.readUnsignedByte();
    }

    @Test
    void smallPackets() {
        check(Packets.pubcomp(HEAP, 0xABCD), "7002abcd");
        check(Packets.disconnect(HEAP, Packets.PACKET_TOO_LARGE), "e0029500");
    }

    @Test
    void aliasDoesNotTravelToAnotherTopic() {
        var properties = new MqttProperties();
        properties.add(new MqttProperties.IntegerProperty(MqttPropertyType.TOPIC_ALIAS.value(), 3));
        properties.add(new MqttProperties.StringProperty(MqttPropertyType.CONTENT_TYPE.value(), "json"));
        var payload = Unpooled.copiedBuffer(new byte[] {1, 2});
        var moved = Packets.withTopic(new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, true, MqttQoS.AT_LEAST_ONCE, true, 9),
                new MqttPublishVariableHeader("a", 5, properties), payload), "b");
        assertThat(moved.variableHeader().topicName()).isEqualTo("b");
        assertThat(moved.variableHeader().packetId()).isEqualTo(5);
        assertThat(moved.variableHeader().properties().listAll()).hasSize(1);
        assertThat(moved.fixedHeader().isRetain()).isTrue();
        assertThat(moved.payload()).isSameAs(payload);
    }

    @Test
    void assignedClientIdComesWithoutOurPrefix() {
        check("d7|abc", "abc");
        check("other", "other");
    }

    private static void check(String assigned, String expected) {
        var answer = MqttMessageBuilders.connAck().returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                .properties(properties -> properties.assignedClientId(assigned).topicAliasMaximum(32)).build();
        var changed = ((MqttConnAckMessage) Connects.forClient(answer, "d7|", false, Instant.MAX)).variableHeader()
                .properties();
        assertThat(changed.getProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value()).value())
                .isEqualTo(expected);
        assertThat(changed.getProperty(MqttPropertyType.TOPIC_ALIAS_MAXIMUM.value()).value()).isEqualTo(32);
    }

    private static void check(ByteBuf packet, String hex) {
        assertThat(ByteBufUtil.hexDump(packet)).isEqualTo(hex);
        packet.release();
    }
}
