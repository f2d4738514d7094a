package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;

/// The commands that go out on one device's connection, by their packets. Used on its event loop only.
final class DeviceCommands {
    /// How the platform's own commands begin; those that people publish themselves go their way unseen.
    private static final byte[] BEGINNING = "{\"id\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int ID_CHARACTERS = 36;
    private static final int FIRST_ERROR = 0x80;

    private final Downlink downlink;
    private final ChannelHandlerContext ctx;
    private final DeviceId device;
    private final BrokerDoors.Client client;
    private final String clientId;
    private final String topic;
    private final Calls calls;
    private final String callTopic;
    private final Map<Integer, UUID> unacknowledged = new HashMap<>(2);
    private boolean isListening;
    /// Devices that are there through this one, which is their gateway then.
    private final Set<DeviceId> behind = new HashSet<>(2);
    private final String topicOfOthers;
    private boolean listensForOthers;

    /// @param device whose it is, this one's or that of one behind it
    private record Carried(UUID command, DeviceId device) {}

    /// @param clientId as the client has given it
    /// @param calls    of devices that are called to do commands
    DeviceCommands(Downlink downlink, ChannelHandlerContext ctx, DeviceId device, BrokerDoors.Client client,
            String clientId, Calls calls) {
        this.downlink = downlink;
        this.calls = calls;
        callTopic = Calls.topic(device, "");
        this.ctx = ctx;
        this.device = device;
        this.client = client;
        this.clientId = clientId;
        topic = DeviceTopic.of(device.toString(), DeviceTopic.Kind.COMMANDS);
        topicOfOthers = Calls.topicOfOthers(device);
    }

    /// Something was written to the client. After these answers the broker knows other subscriptions, perhaps; what it
    /// sends to them comes behind the answer.
    void written(Object packet) {
        if (packet instanceof MqttSubAckMessage || packet instanceof MqttUnsubAckMessage
                || packet instanceof MqttConnAckMessage) look();
    }

    private void look() {
        var filters = client.filters().stream().map(DeviceCommands::plain).toList();
        var listens = filters.stream().anyMatch(filter ->
                TopicAccess.matches(filter, topic) || TopicAccess.matches(filter, callTopic + "1"));
        if (listens != isListening) listens(device, listens);
        isListening = listens;
        var forOthers = filters.stream().anyMatch(filter -> TopicAccess.matches(filter, topicOfOthers));
        if (forOthers != listensForOthers) behind.forEach(other -> listens(other, forOthers));
        listensForOthers = forOthers;
    }

    private void listens(DeviceId those, boolean listens) {
        if (listens) downlink.listens(those);
        else downlink.leaves(those, this, true, false);
    }

    /// A device is there through this one, or no more.
    void changed(DeviceId other, boolean isThere) {
        if (isThere ? !behind.add(other) : !behind.remove(other)) return;
        if (listensForOthers) listens(other, isThere);
    }

    private static String plain(String filter) {
        if (!filter.startsWith("$share/")) return filter;
        return filter.substring(filter.indexOf('/', "$share/".length()) + 1);
    }

    /// Whether the packet goes out. One that does not is acknowledged to the broker in the client's name, for it must
    /// not come again.
    boolean lets(MqttPublishMessage packet, ChannelPromise promise) {
        var command = commandIn(packet);
        if (command.isEmpty()) return true;
        return switch (downlink.goesOut(command.get().command(), command.get().device(), this)) {
            case FOREIGN -> true;
            case STAYS -> {
                swallow(packet, promise);
                yield false;
            }
            case PASSES -> {
                if (packet.fixedHeader().qosLevel() == MqttQoS.AT_MOST_ONCE) {
                    downlink.unacknowledged(command.get().command());
                } else {
                    unacknowledged.put(packet.variableHeader().packetId(), command.get().command());
                }
                yield true;
            }
        };
    }

    private void swallow(MqttPublishMessage packet, ChannelPromise promise) {
        var id = packet.variableHeader().packetId();
        var isAnswered = packet.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE;
        packet.release();
        promise.trySuccess();
        if (!isAnswered) return;
        // Not now: the broker is just writing.
        ctx.executor().execute(() -> ctx.fireChannelRead(new MqttPubAckMessage(
                new MqttFixedHeader(MqttMessageType.PUBACK, false, MqttQoS.AT_MOST_ONCE, false, 2),
                MqttMessageIdVariableHeader.from(id))));
    }

    private Optional<Carried> commandIn(MqttPublishMessage packet) {
        var to = packet.variableHeader().topicName();
        if (to.equals(topic)) return idOf(packet.payload()).map(id -> new Carried(id, device));
        var call = to.startsWith(callTopic) ? calls.find(to.substring(callTopic.length()))
                : to.equals(topicOfOthers) ? calls.find(Calls.numberBehind(ByteBufUtil.getBytes(packet.payload())))
                : Optional.<Calls.Call>empty();
        return call.map(it -> new Carried(UUID.fromString(it.command()), it.device()));
    }

    private static Optional<UUID> idOf(ByteBuf payload) {
        var at = payload.readerIndex();
        if (payload.readableBytes() < BEGINNING.length + ID_CHARACTERS) return Optional.empty();
        for (var i = 0; i < BEGINNING.length; i++) {
            if (payload.getByte(at + i) != BEGINNING[i]) return Optional.empty();
        }
        var text = payload.toString(at + BEGINNING.length, ID_CHARACTERS, StandardCharsets.US_ASCII);
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// A PUBACK of the client.
    void acknowledged(MqttMessage packet) {
        if (unacknowledged.isEmpty()
                || !(packet.variableHeader() instanceof MqttMessageIdVariableHeader header)) return;
        var command = unacknowledged.remove(header.messageId());
        if (command == null) return;
        var receipt = new Downlink.Receipt(header.messageId(), clientId, ctx.channel().id().asShortText());
        var reason = header instanceof MqttPubReplyMessageVariableHeader reply
                ? Byte.toUnsignedInt(reply.reasonCode()) : 0;
        if (reason < FIRST_ERROR) downlink.acknowledged(command, receipt);
        else downlink.refused(command, reason, receipt);
    }

    void closed() {
        downlink.leaves(device, this, isListening, true);
        isListening = false;
        behind.forEach(other -> downlink.leaves(other, this, listensForOthers, true));
        behind.clear();
        unacknowledged.clear();
    }
}
