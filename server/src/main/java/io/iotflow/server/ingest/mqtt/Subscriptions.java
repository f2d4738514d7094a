package io.iotflow.server.ingest.mqtt;

import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscribePayload;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Subscribe requests of one connection: which filters pass, under which name, and an answer that covers those that
/// did not. The broker sees only what is allowed.
final class Subscriptions {
    private static final int FAILURE = 0x80;

    private final TopicAccess access;
    private final boolean version5;
    /// For a request that is with the broker: its answer's codes, -1 where the broker decides.
    private final Map<Integer, int[]> pending = new HashMap<>();
    private int refusedLast;
    /// Ids of requests that make a device hear of its shadow.
    private final BitSet forShadow = new BitSet();
    private int[] codesLast;

    Subscriptions(TopicAccess access, boolean version5) {
        this.access = access;
        this.version5 = version5;
    }

    /// The part of the request that is allowed, for the broker; null if there is none.
    MqttSubscribeMessage request(MqttSubscribeMessage packet) {
        var wanted = packet.payload().topicSubscriptions();
        var codes = new int[wanted.size()];
        var allowed = new ArrayList<MqttTopicSubscription>(wanted.size());
        for (int i = 0; i < codes.length; i++) {
            var topic = access.subscription(wanted.get(i).topicFilter());
            codes[i] = topic.isPresent() ? -1 : version5 ? Packets.NOT_AUTHORIZED : FAILURE;
            if (topic.isPresent()) allowed.add(new MqttTopicSubscription(topic.get(), wanted.get(i).option()));
        }
        refusedLast = codes.length - allowed.size();
        if (allowed.stream().anyMatch(it -> access.coversShadow(it.topicFilter()))) {
            forShadow.set(packet.variableHeader().messageId());
        }
        codesLast = codes;
        if (allowed.isEmpty()) return null;
        if (refusedLast > 0) pending.put(packet.variableHeader().messageId(), codes);
        return new MqttSubscribeMessage(packet.fixedHeader(), packet.idAndPropertiesVariableHeader(),
                new MqttSubscribePayload(allowed));
    }

    /// How many filters of the last request were refused.
    int refusedLast() {
        return refusedLast;
    }

    MqttSubAckMessage answerAllRefused(int packetId) {
        return new MqttSubAckMessage(
                new MqttFixedHeader(MqttMessageType.SUBACK, false, MqttQoS.AT_MOST_ONCE, false, 0),
                MqttMessageIdVariableHeader.from(packetId), new MqttSubAckPayload(codesLast));
    }

    /// What a client hears at once that has subscribed, after the answer.
    Optional<MqttMessage> answered(MqttSubAckMessage answer, MqttSession session, MqttContext context) {
        var id = answer.variableHeader().messageId();
        var isForShadow = forShadow.get(id);
        forShadow.clear(id);
        return switch (session) {
            case MqttSession.OfQuarantined(var device, _, _) -> context.notice(device, access);
            case MqttSession.OfDevice(var device, _, _) when isForShadow -> {
                context.shadowFollowed(device);
                yield Optional.empty();
            }
            case MqttSession.OfDevice _, MqttSession.OfUser _ -> Optional.empty();
        };
    }

    /// The broker's answer, with the refused filters at their places.
    MqttSubAckMessage answer(MqttSubAckMessage answer) {
        var codes = pending.remove(answer.variableHeader().messageId());
        if (codes == null) return answer;
        var granted = answer.payload().reasonCodes().iterator();
        var merged = Arrays.stream(codes).map(code -> code >= 0 ? code : granted.next()).toArray();
        return new MqttSubAckMessage(answer.fixedHeader(), answer.variableHeader(), new MqttSubAckPayload(merged));
    }

    /// An unsubscribe request in the broker's topics. A filter that was never allowed stays as it is: the broker does
    /// not know it.
    MqttUnsubscribeMessage cancel(MqttUnsubscribeMessage packet) {
        var topics = packet.payload().topics().stream().map(topic -> access.subscription(topic).orElse(topic)).toList();
        return new MqttUnsubscribeMessage(packet.fixedHeader(), packet.idAndPropertiesVariableHeader(),
                new MqttUnsubscribePayload(topics));
    }
}
