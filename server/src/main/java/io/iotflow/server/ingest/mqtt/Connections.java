package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.device.Presence;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTConnection;

/// Who is connected. Safe for all event loops.
final class Connections {
    private static final AttributeKey<Connection> KEY = AttributeKey.valueOf("iotflow.connection");

    private final Presence presence;
    private final InstantSource clock;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final LongAdder refusedConnects = new LongAdder();
    private final LongAdder failures = new LongAdder();

    Connections(Presence presence, InstantSource clock) {
        this.presence = presence;
        this.clock = clock;
    }

    /// One client's connection. The broker fills in who it is, on another thread, before it answers CONNECT.
    static final class Connection {
        private final Channel channel;
        private volatile MQTTConnection broker;
        private volatile MqttSession session;
        private volatile String clientId;
        private volatile BooleanSupplier isStillWelcome;
        private boolean isAccepted;

        private Connection(Channel channel) {
            this.channel = channel;
        }

        /// Says whose connection this is and gives it a client id that nobody else can have.
        ///
        /// @param isStillWelcome whether it would be let in again
        static void identify(Channel channel, MQTTConnection broker, MqttSession session,
                BooleanSupplier isStillWelcome) {
            var connection = channel.attr(KEY).get();
            if (connection.broker == broker) return; // the broker asks again with every subscription
            connection.clientId = session.prefix() + broker.getClientID();
            broker.setClientID(connection.clientId);
            connection.broker = broker;
            connection.isStillWelcome = isStillWelcome;
            connection.session = session;
        }

        /// Null until the client is authenticated.
        MqttSession session() {
            return session;
        }

        String clientId() {
            return clientId;
        }

        /// The broker's side of it; null until the client is authenticated.
        MQTTConnection broker() {
            return broker;
        }

        void alive() {
            var known = broker;
            if (known != null) BrokerDoors.dataReceived(known);
        }
    }

    Connection opened(Channel channel) {
        var connection = new Connection(channel);
        channel.attr(KEY).set(connection);
        open.add(connection);
        return connection;
    }

    void accepted(Connection connection) {
        connection.isAccepted = true;
        accepted.incrementAndGet();
        if (connection.session instanceof MqttSession.OfDevice(var id, _)) {
            presence.connected(id, connection.channel.id().asLongText(), clock.instant());
        }
    }

    void refused() {
        refusedConnects.increment();
    }

    void failed() {
        failures.increment();
    }

    void closed(Connection connection) {
        open.remove(connection);
        if (!connection.isAccepted) return;
        accepted.decrementAndGet();
        if (connection.session instanceof MqttSession.OfDevice(var id, _)) {
            presence.disconnected(id, connection.channel.id().asLongText(), clock.instant());
        }
    }

    /// Ends every connection of a device, as when its keys were revoked.
    void close(DeviceId device) {
        for (var connection : open) {
            if (connection.session instanceof MqttSession.OfDevice(var id, _) && id.equals(device)) {
                connection.channel.close();
            }
        }
    }

    /// Ends those connections of a device that would not be let in any more, as when its key was replaced. Asks the
    /// database, so it may wait.
    void checkAgain(DeviceId device) {
        for (var connection : open) {
            if (connection.session instanceof MqttSession.OfDevice(var id, _) && id.equals(device)
                    && !connection.isStillWelcome.getAsBoolean()) {
                connection.channel.close();
            }
        }
    }

    int count() {
        return accepted.get();
    }

    long refusedConnects() {
        return refusedConnects.sum();
    }

    /// Connections that ended by an error of the network or the client.
    long failures() {
        return failures.sum();
    }
}
