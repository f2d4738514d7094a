package io.iotflow.server.ingest.mqtt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.http.Json;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.nio.charset.StandardCharsets;

/// Where the publishes of one connection go. What was found out is kept, because a client mostly uses one topic.
final class PublishRoutes {

    enum Manner {
        OURS,
        /// What a device of another platform answers to a call.
        ANSWER,
        /// What a gateway says for the devices behind it.
        FOR_OTHERS
    }

    /// @param topic     what it means; of what is said for others, the rest is the word below `v1/gateway/`
    /// @param canonical the broker's topic; empty for what is said for others
    record Route(DeviceTopic topic, DeviceId device, String canonical, Manner manner) {}

    private final MqttContext context;
    private final TopicAccess access;
    private String lastTopic;
    private Route lastRoute;
    private Route askedRoute;
    private long askedEpoch;
    private boolean askedAnswer;

    PublishRoutes(MqttContext context, TopicAccess access) {
        this.context = context;
        this.access = access;
    }

    /// Null if this client may not publish there.
    Route of(String topic) {
        if (topic.equals(lastTopic)) return lastRoute;
        var parsed = DeviceTopic.parse(topic);
        var device = parsed.flatMap(access::publisher);
        lastTopic = topic;
        if (parsed.isEmpty()) return lastRoute = foreign(topic);
        lastRoute = device.isEmpty() ? null
                : new Route(parsed.get(), device.get(), TopicAccess.canonical(device.get(), parsed.get()), Manner.OURS);
        return lastRoute;
    }

    /// What a call was answered is told by a number that may be given anew, so it is not kept.
    private Route foreign(String topic) {
        var forOthers = access.saidForOthers(topic);
        if (forOthers.isPresent()) {
            return new Route(forOthers.get(), new DeviceId(Long.parseLong(forOthers.get().device())), "",
                    Manner.FOR_OTHERS);
        }
        var meant = access.published(topic);
        if (meant.isEmpty()) return null;
        var isAnswer = meant.get().kind() == DeviceTopic.Kind.COMMANDS;
        lastTopic = isAnswer ? null : topic;
        var device = new DeviceId(Long.parseLong(meant.get().device()));
        return new Route(meant.get(), device, TopicAccess.canonical(device, meant.get()),
                isAnswer ? Manner.ANSWER : Manner.OURS);
    }

    /// The message in our form.
    MqttPublishMessage asOurs(MqttPublishMessage packet, Route route) {
        if (route.manner() != Manner.ANSWER) return packet;
        var result = Calls.result(answer(packet.payload().toString(StandardCharsets.UTF_8)));
        var ours = new MqttPublishMessage(packet.fixedHeader(), packet.variableHeader(),
                Unpooled.wrappedBuffer(result.toString().getBytes(StandardCharsets.UTF_8)));
        packet.release();
        return ours;
    }

    private static JsonNode answer(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException _) {
            return TextNode.valueOf(text);
        }
    }

    /// Whether anybody subscribes. Asks the broker again only when any subscription anywhere has changed.
    boolean isFollowed(Route route) {
        var epoch = context.subscriptionEpoch();
        if (route != askedRoute || epoch != askedEpoch) {
            askedRoute = route;
            askedEpoch = epoch;
            askedAnswer = context.hasSubscriber(route.canonical());
        }
        return askedAnswer;
    }
}
