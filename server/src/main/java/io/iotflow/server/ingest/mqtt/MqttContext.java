package io.iotflow.server.ingest.mqtt;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Gateways;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.IngestStatistics;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.limits.RateLimits;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;
import org.apache.activemq.artemis.core.server.ActiveMQServer;

/// What all gates share.
final class MqttContext {
    /// Sessions that are remembered while the client is away, and for how long.
    private static final int REMEMBERED_SESSIONS = 100_000;
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private final ActiveMQServer broker;
    private final Ingest ingest;
    private final Journal journal;
    private final RateLimits limits;
    private final DeviceRegistry devices;
    private final FleetGroups groups;
    private final Gateways gateways;
    private final Behind behind = new Behind();
    private final Connections connections;
    private final Downlink downlink;
    private final Map<EventLoop, Acknowledgements> acknowledgements = new ConcurrentHashMap<>();
    private final Cache<String, Remembered> sessions =
            Caffeine.newBuilder().maximumSize(REMEMBERED_SESSIONS).expireAfterAccess(REMEMBERED).build();
    private final AtomicLong subscriptionEpoch = new AtomicLong();
    private final Calls calls = new Calls();
    private volatile Consumer<DeviceId> shadowFollowed = _ -> { };

    MqttContext(ActiveMQServer broker, Ingest ingest, Journal journal, RateLimits limits,
            DeviceRegistry devices, Gateways gateways, FleetGroups groups, Connections connections,
            Downlink downlink) {
        this.broker = broker;
        this.gateways = gateways;
        this.groups = groups;
        this.ingest = ingest;
        this.journal = journal;
        this.limits = limits;
        this.devices = devices;
        this.connections = connections;
        this.downlink = downlink;
        journal.onCommit(position -> acknowledgements.values().forEach(owed -> owed.committed(position)));
    }

    Acknowledgements acknowledgements(EventLoop loop) {
        return acknowledgements.computeIfAbsent(loop, key -> new Acknowledgements(key, journal.committed()));
    }

    Ingest ingest() {
        return ingest;
    }

    RateLimits limits() {
        return limits;
    }

    IngestStatistics statistics() {
        return ingest.statistics();
    }

    FleetGroups groups() {
        return groups;
    }

    Connections connections() {
        return connections;
    }

    /// What goes down to a device on the connection that has just been let in.
    DeviceCommands commands(ChannelHandlerContext ctx, DeviceId device, BrokerDoors.Client client, String clientId) {
        return new DeviceCommands(downlink, ctx, device, client, clientId.substring(clientId.indexOf('|') + 1),
                calls);
    }

    Gateways gateways() {
        return gateways;
    }

    /// Who is there through which gateway.
    Behind behind() {
        return behind;
    }

    long appended() {
        return journal.appended();
    }

    /// For threads that may wait.
    void awaitCommitted(long position) throws InterruptedException {
        journal.awaitCommitted(position);
    }

    /// To whoever subscribes.
    void publish(String topic, byte[] payload) {
        BrokerDoors.publish(broker, topic, payload, 1, false, 0);
    }

    Optional<DeviceId> deviceNamed(OrganizationPath scope, String idOrName) {
        return devices.find(scope, idOrName).map(Device::id);
    }

    Calls calls() {
        return calls;
    }

    void onShadowFollowed(Consumer<DeviceId> listener) {
        shadowFollowed = listener;
    }

    /// The device hears from now on what there is to say about its shadow.
    void shadowFollowed(DeviceId device) {
        shadowFollowed.accept(device);
    }

    /// What a device in quarantine hears, under the topic as it has asked for it; nothing if it is in quarantine no
    /// more.
    Optional<MqttMessage> notice(DeviceId id, TopicAccess access) {
        return devices.find(id).flatMap(device -> device.quarantine().map(quarantine -> {
            var topic = DeviceTopic.of(id.toString(), DeviceTopic.Kind.QUARANTINE);
            var notice = Json.mapper().createObjectNode().put("device_id", id.value()).put("reason",
                    quarantine.reason()).put("since", quarantine.since().toString())
                    .put("what_to_do", ErrorCode.QUARANTINED.hint());
            return MqttMessageBuilders.publish().topicName(access.asSpoken(topic)).qos(MqttQoS.AT_MOST_ONCE)
                    .retained(true).properties(MqttProperties.NO_PROPERTIES)
                    .payload(Unpooled.copiedBuffer(notice.toString(), StandardCharsets.UTF_8)).build();
        }));
    }

    /// What a session's next connection must know of the one before. It may still be in use there for a moment.
    ///
    /// @param unreleased ids of QoS 2 packets that were taken and not released yet
    /// @param spoken     the client's own forms of topics, for [TopicAccess]
    record Remembered(BitSet unreleased, Map<String, String> spoken) {
        private Remembered() {
            this(new BitSet(), new ConcurrentHashMap<>(2));
        }
    }

    /// A new session begins with nothing.
    Remembered session(String clientId, boolean isPresent) {
        if (!isPresent) sessions.invalidate(clientId);
        return sessions.get(clientId, _ -> new Remembered());
    }

    /// The session has lost its connection; the time for which it is remembered begins.
    void remember(String clientId, Remembered session) {
        if (session.unreleased.isEmpty() && session.spoken.isEmpty()) sessions.asMap().remove(clientId, session);
        else sessions.put(clientId, session);
    }

    boolean hasSubscriber(String topic) {
        return BrokerDoors.hasSubscriber(broker, topic);
    }

    /// Changes whenever any subscription anywhere does.
    long subscriptionEpoch() {
        return subscriptionEpoch.get();
    }

    void subscriptionsChanged() {
        subscriptionEpoch.incrementAndGet();
    }

    Optional<BrokerDoors.Client> client(Connections.Connection connection) {
        return BrokerDoors.client(broker, connection.broker());
    }
}
