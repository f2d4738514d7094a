package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.InboundMessage.Via;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.ingest.Ingest;
import io.netty.handler.codec.mqtt.MqttConnectMessage;

/// What a client asked to be published if it goes without saying so. The broker publishes it to subscribers; it is an
/// event of the device as well and so goes through the same door as the rest.
record LastWill(String topic, byte[] payload) {

    /// Null if the client has none.
    static LastWill of(MqttConnectMessage connect) {
        if (!connect.variableHeader().isWillFlag()) return null;
        var payload = connect.payload().willMessageInBytes();
        return new LastWill(connect.payload().willTopic(), payload == null ? new byte[0] : payload);
    }

    boolean isAllowed(TopicAccess access) {
        return topic != null && DeviceTopic.parse(topic).flatMap(access::publisher).isPresent();
    }

    /// The broker's topic for it.
    String canonicalTopic(TopicAccess access) {
        var parsed = DeviceTopic.parse(topic).orElseThrow();
        return TopicAccess.canonical(access.publisher(parsed).orElseThrow(), parsed);
    }

    /// @return whether it holds what the broker must not publish, for it is not for every subscriber
    boolean publish(Ingest ingest, TopicAccess access, OrganizationPath organization) {
        var parsed = DeviceTopic.parse(topic).orElseThrow();
        if (!parsed.isUp()) return false;
        return access.publisher(parsed).map(device -> ingest.accept(new InboundMessage(Via.MQTT, device, organization,
                parsed.kind(), parsed.rest(), payload, 0, payload.length)))
                .filter(outcome -> outcome instanceof IngestOutcome.Accepted accepted && accepted.isSealed())
                .isPresent();
    }
}
