package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.device.Presence;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.CodecException;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is connected. Safe for all event loops.
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final AttributeKey<Connection> KEY = AttributeKey.valueOf("iotflow.connection");

    private final Presence presence;
    private final Function<DeviceId, Optional<String>> suspicions;
    private final InstantSource clock;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    /// No connection ends for its key's sake before this.
    private final AtomicReference<Instant> firstEnd = new AtomicReference<>(Instant.MAX);
    private final LongAdder refusedConnects = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /// @param suspicions why a device is in quarantine, if it is
    Connections(Presence presence, Function<DeviceId, Optional<String>> suspicions, InstantSource clock) {
        this.presence = presence;
        this.suspicions = suspicions;
        this.clock = clock;
    }

    /// Tells a connection's gate that it ends, and why.
    record Farewell(String why) {}

    /// One client's connection. The broker fills in who it is, on another thread, before it answers CONNECT.
    static final class Connection {
        private final Channel channel;
        private volatile MQTTConnection broker;
        private volatile MqttSession session;
        private volatile String clientId;
        private volatile Supplier<Instant> asksUntil;
        private volatile Instant welcomeUntil = Instant.MAX;
        private boolean isAccepted;

        private Connection(Channel channel) {
            this.channel = channel;
        }

        /// Null until the client is authenticated.
        MqttSession session() {
            return session;
        }

        String clientId() {
            return clientId;
        }

        private boolean isOf(DeviceId device) {
            var known = session;
            return known != null && known.isOf(device);
        }

        /// Without the port.
        String address() {
            return channel.remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
                    ? inet.getAddress().getHostAddress() : "";
        }

        /// Until when it will be let in, as is known now; [Instant#MAX] for no end.
        Instant welcomeUntil() {
            return welcomeUntil;
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

    /// Says whose connection this is and gives it a client id that nobody else can have. May wait for the database.
    ///
    /// @param welcomeUntil until when it would be let in; asked again whenever its device has changed
    void identify(Channel channel, MQTTConnection broker, MqttSession session, Supplier<Instant> welcomeUntil) {
        var connection = channel.attr(KEY).get();
        if (connection.broker == broker) return; // the broker asks again with every subscription
        connection.clientId = session.prefix() + broker.getClientID();
        broker.setClientID(connection.clientId);
        connection.broker = broker;
        connection.asksUntil = welcomeUntil;
        connection.session = session;
        check(connection); // only now: a change before this line is seen here, and one after it finds the session
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
        if (connection.session instanceof MqttSession.OfDevice(var id, _, _)) {
            presence.connected(id, connection.channel.id().asLongText(), clock.instant());
        }
    }

    /// A device is there through the connection of its gateway.
    void came(DeviceId behind, Connection gateway) {
        presence.connected(behind, gateway.channel.id().asLongText(), clock.instant());
    }

    void went(DeviceId behind, Connection gateway) {
        presence.disconnected(behind, gateway.channel.id().asLongText(), clock.instant());
    }

    void refused() {
        refusedConnects.increment();
    }

    void failed() {
        failures.increment();
    }

    /// A reset connection or a broken packet is the client's affair; anything else is ours, and nobody else would hear
    /// of it.
    void failed(Throwable cause) {
        failed();
        if (!(cause instanceof IOException || cause instanceof CodecException || cause instanceof ChannelException)) {
            LOG.error("event=mqtt_failure effect=\"the connection was closed\"", cause);
        }
    }

    void closed(Connection connection) {
        open.remove(connection);
        if (!connection.isAccepted) return;
        accepted.decrementAndGet();
        if (connection.session instanceof MqttSession.OfDevice(var id, _, _)) {
            presence.disconnected(id, connection.channel.id().asLongText(), clock.instant());
        }
    }

    /// Ends every connection of a device, as when its keys were revoked.
    void close(DeviceId device) {
        for (var connection : open) if (connection.isOf(device)) connection.channel.close();
    }

    /// Ends those connections of a device that would not be let in any more, as when its key was replaced, and notes
    /// when the others will not be. Asks the database, so it may wait.
    void checkAgain(DeviceId device) {
        for (var connection : open) if (connection.isOf(device)) check(connection);
        closeEnded();
    }

    /// The same for all users, as when a token was revoked or a role is another now.
    void checkUsersAgain() {
        for (var connection : open) if (connection.session instanceof MqttSession.OfUser) check(connection);
        closeEnded();
    }

    private void check(Connection connection) {
        var until = connection.asksUntil.get();
        connection.welcomeUntil = until;
        firstEnd.accumulateAndGet(until, Connections::earlier);
    }

    /// Ends connections whose time has come, as when the grace of a replaced key is over. Costs nothing before.
    void closeEnded() {
        var now = clock.instant();
        if (now.isBefore(firstEnd.get())) return;
        firstEnd.set(Instant.MAX); // before looking, so that an end noted meanwhile is kept
        for (var connection : open) {
            var until = connection.welcomeUntil;
            if (now.isBefore(until)) firstEnd.accumulateAndGet(until, Connections::earlier);
            else end(connection);
        }
    }

    /// A device in quarantine is told so where the protocol has words for it; then it may come back and hear more.
    private void end(Connection connection) {
        var why = connection.session instanceof MqttSession.OfDevice(var id, _, _) ? suspicions.apply(id)
                : Optional.<String>empty();
        if (why.isPresent()) connection.channel.pipeline().fireUserEventTriggered(new Farewell(why.get()));
        else connection.channel.close();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
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
