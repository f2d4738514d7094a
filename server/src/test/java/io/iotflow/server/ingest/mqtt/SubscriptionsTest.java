package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
    private static final String MINE = "devices/lamp/commands";
    private static final String MINE_TOO = "devices/7/config";
    private static final String FOREIGN = "devices/8/commands";

    private final Subscriptions version5 = subscriptions(true);
    private final Subscriptions version3 = subscriptions(false);

    private static Subscriptions subscriptions(boolean version5) {
        var session = new MqttSession.OfDevice(new DeviceId(7), "lamp", OrganizationPath.ROOT);
        return new Subscriptions(new TopicAccess(session, (_, _) -> Optional.empty(), FleetGroups.NONE), version5);
    }

    @Test
    void brokerSeesOnlyWhatIsAllowed() {
        var passed = version5.request(request(1, FOREIGN, MINE, "#", MINE_TOO));
        assertThat(passed.payload().topicSubscriptions()).extracting(topic -> topic.topicFilter())
                .containsExactly("devices/7/commands", "devices/7/config");
        assertThat(version5.refusedLast()).isEqualTo(2);
    }

    @Test
    void refusedFiltersKeepTheirPlacesInTheAnswer() {
        version5.request(request(1, FOREIGN, MINE, "#", MINE_TOO));
        assertThat(version5.answer(answer(1, 1, 2)).payload().reasonCodes()).containsExactly(0x87, 1, 0x87, 2);
        version3.request(request(1, MINE, FOREIGN));
        assertThat(version3.answer(answer(1, 0)).payload().reasonCodes()).containsExactly(0, 0x80);
    }

    @Test
    void answersFindTheirRequestInAnyOrder() {
        version5.request(request(1, FOREIGN, MINE));
        version5.request(request(2, MINE, FOREIGN));
        version5.request(request(3, MINE));
        assertThat(version5.answer(answer(3, 2)).payload().reasonCodes()).containsExactly(2);
        assertThat(version5.answer(answer(2, 1)).payload().reasonCodes()).containsExactly(1, 0x87);
        assertThat(version5.answer(answer(1, 0)).payload().reasonCodes()).containsExactly(0x87, 0);
        assertThat(version5.answer(answer(1, 0)).payload().reasonCodes()).containsExactly(0);
    }

    @Test
    void requestWithNothingAllowedIsAnsweredWithoutTheBroker() {
        assertThat(version5.request(request(9, FOREIGN, "#"))).isNull();
        var answer = version5.answerAllRefused(9);
        assertThat(answer.variableHeader().messageId()).isEqualTo(9);
        assertThat(answer.payload().reasonCodes()).containsExactly(0x87, 0x87);
    }

    @Test
    void unsubscribingNamesTheBrokersTopics() {
        var packet = MqttMessageBuilders.unsubscribe().messageId(4).addTopicFilter(MINE).addTopicFilter(FOREIGN)
                .build();
        assertThat(version5.cancel(packet).payload().topics()).containsExactly("devices/7/commands", FOREIGN);
    }

    private static MqttSubscribeMessage request(int id, String... filters) {
        var packet = MqttMessageBuilders.subscribe().messageId(id);
        for (var filter : filters) packet.addSubscription(MqttQoS.AT_LEAST_ONCE, filter);
        return packet.build();
    }

    private static MqttSubAckMessage answer(int id, int... codes) {
        return new MqttSubAckMessage(
                new MqttFixedHeader(MqttMessageType.SUBACK, false, MqttQoS.AT_MOST_ONCE, false, 0),
                MqttMessageIdVariableHeader.from(id), new MqttSubAckPayload(codes));
    }
}
