package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;

/// A topic for all devices of a group: `fleet/{group}/commands`, and what is below it.
///
/// @param group as it is written: id or name
/// @param rest  from the slash behind the group on
record FleetTopic(String group, String rest) {
    static final String ROOT = "fleet/";
    private static final String COMMANDS = "/commands";
    private static final MqttFixedHeader PUBACK =
            new MqttFixedHeader(MqttMessageType.PUBACK, false, MqttQoS.AT_MOST_ONCE, false, 2);

    /// Of a topic or topic filter; empty for anything else.
    static Optional<FleetTopic> parse(String topic) {
        if (!topic.startsWith(ROOT)) return Optional.empty();
        var slash = topic.indexOf('/', ROOT.length());
        if (slash <= ROOT.length()) return Optional.empty();
        var rest = topic.substring(slash);
        var isKnown = rest.equals(COMMANDS) || rest.startsWith(COMMANDS + "/");
        return isKnown ? Optional.of(new FleetTopic(topic.substring(ROOT.length(), slash), rest)) : Optional.empty();
    }

    /// The broker's topic.
    static String of(long group) {
        return ROOT + group + COMMANDS;
    }

    /// A session outlives its device's place in a group. What comes by it afterwards is taken from the broker and goes
    /// no further.
    static boolean withholds(ChannelHandlerContext ctx, DeviceId device, FleetGroups groups,
            MqttPublishMessage message, ChannelPromise promise) {
        var topic = message.variableHeader().topicName();
        if (!topic.startsWith(ROOT)) return false;
        var group = parse(topic).map(FleetTopic::group).orElse("");
        if (group.matches("[0-9]{1,18}") && groups.isIn(device, Long.parseLong(group))) return false;
        var isOwed = message.fixedHeader().qosLevel().value() > 0;
        var packet = message.variableHeader().packetId();
        ReferenceCountUtil.release(message);
        promise.setSuccess();
        // What the platform says to a group has QoS 1.
        if (isOwed) ctx.fireChannelRead(new MqttPubAckMessage(PUBACK, MqttMessageIdVariableHeader.from(packet)));
        return true;
    }
}
