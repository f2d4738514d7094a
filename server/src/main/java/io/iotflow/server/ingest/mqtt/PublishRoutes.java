package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;

/// Where the publishes of one connection go. What was found out is kept, because a client mostly uses one topic.
final class PublishRoutes {

    /// @param canonical the broker's topic
    record Route(DeviceTopic topic, DeviceId device, String canonical) {}

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
        lastRoute = device.isEmpty() ? null
                : new Route(parsed.get(), device.get(), TopicAccess.canonical(device.get(), parsed.get()));
        return lastRoute;
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
