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

    /// @param canonical the broker's topic
    /// @param isAnswer  whether it is what a device of another platform answers to a call
    record Route(DeviceTopic topic, DeviceId device, String canonical, boolean isAnswer) {}

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
                : new Route(parsed.get(), device.get(), TopicAccess.canonical(device.get(), parsed.get()), false);
        return lastRoute;
    }

    /// What a call was answered is told by a number that may be given anew, so it is not kept.
    private Route foreign(String topic) {
        var meant = access.published(topic);
        if (meant.isEmpty()) return null;
        var isAnswer = meant.get().kind() == DeviceTopic.Kind.COMMANDS;
        lastTopic = isAnswer ? null : topic;
        var device = new DeviceId(Long.parseLong(meant.get().device()));
        return new Route(meant.get(), device, TopicAccess.canonical(device, meant.get()), isAnswer);
    }

    /// The message in our form. There an answer is all that was answered; our result says whether it went well, too.
    MqttPublishMessage asOurs(MqttPublishMessage packet, Route route) {
        if (!route.isAnswer()) return packet;
        var answer = answer(packet.payload().toString(StandardCharsets.UTF_8));
        var result = Json.mapper().createObjectNode().put("status", answer.has("error") ? "error" : "success");
        result.set("data", answer);
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
