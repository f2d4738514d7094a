package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import org.junit.jupiter.api.Test;

class TopicAliasesTest {
    private final TopicAliases aliases = new TopicAliases();

    @Test
    void aliasStandsForTheTopicThatItCameWithLast() {
        check("a", 1, "a");
        check("", 1, "a");
        check("b", 1, "b");
        check("", 1, "b");
        check("c", 32, "c");
        check("", 32, "c");
    }

    @Test
    void aliasOutsideTheRangeOrUnknownIsRefused() {
        check("a", 0, null);
        check("a", 33, null);
        check("a", 65_535, null);
        check("", 5, null);
    }

    @Test
    void topicWithoutAliasStandsForItself() {
        check("a", -1, "a");
    }

    private void check(String topic, int alias, String expected) {
        var properties = new MqttProperties();
        if (alias >= 0) {
            properties.add(new MqttProperties.IntegerProperty(MqttPropertyType.TOPIC_ALIAS.value(), alias));
        }
        var packet = new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.AT_MOST_ONCE, false, 0),
                new MqttPublishVariableHeader(topic, 0, properties), Unpooled.EMPTY_BUFFER);
        assertThat(aliases.topicOf(packet)).as(topic + " " + alias).isEqualTo(expected);
    }
}
