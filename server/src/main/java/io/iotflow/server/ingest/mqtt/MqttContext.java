package io.iotflow.server.ingest.mqtt;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.IngestStatistics;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.limits.RateLimits;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
    private final Connections connections;
    private final Map<EventLoop, Acknowledgements> acknowledgements = new ConcurrentHashMap<>();
    private final Cache<String, Remembered> sessions =
            Caffeine.newBuilder().maximumSize(REMEMBERED_SESSIONS).expireAfterAccess(REMEMBERED).build();
    private final AtomicLong subscriptionEpoch = new AtomicLong();

    MqttContext(ActiveMQServer broker, Ingest ingest, Journal journal, RateLimits limits,
            DeviceRegistry devices, Connections connections) {
        this.broker = broker;
        this.ingest = ingest;
        this.journal = journal;
        this.limits = limits;
        this.devices = devices;
        this.connections = connections;
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

    Connections connections() {
        return connections;
    }

    long appended() {
        return journal.appended();
    }

    Optional<DeviceId> deviceNamed(OrganizationPath scope, String idOrName) {
        return devices.find(scope, idOrName).map(Device::id);
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
