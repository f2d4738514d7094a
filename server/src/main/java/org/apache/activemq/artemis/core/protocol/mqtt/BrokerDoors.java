package org.apache.activemq.artemis.core.protocol.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.activemq.artemis.api.core.BaseInterceptor;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.postoffice.impl.PostOfficeImpl;
import org.apache.activemq.artemis.core.io.IOCallback;
import org.apache.activemq.artemis.core.persistence.OperationContext;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManager;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManagerFactory;
import org.apache.activemq.artemis.utils.uri.BeanSupport;

/// Access to what the broker's MQTT code keeps to its package.
public final class BrokerDoors {

    /// What a client may speak. The broker takes a CONNECT that is not in order for its own protocol; the gate gets it
    /// as well, since nobody else would close that connection.
    private static final String[] PROTOCOLS = {"MQTT", "CORE"};

    private BrokerDoors() {}

    /// As the setting `protocols` of a port.
    public static String protocols() {
        return String.join(",", PROTOCOLS);
    }

    /// MQTT as the broker speaks it, with a handler of ours in front of its own and a limit on a packet's size that is
    /// enforced before the packet is in memory.
    public static ProtocolManagerFactory protocol(int maxPacketBytes, Supplier<ChannelHandler> gate) {
        return new MQTTProtocolManagerFactory() {
            @Override
            public String[] getProtocols() {
                return PROTOCOLS.clone();
            }

            @Override
            public ProtocolManager<?, ?> createProtocolManager(ActiveMQServer server, Map<String, Object> parameters,
                    List<BaseInterceptor> incoming, List<BaseInterceptor> outgoing) throws Exception {
                BeanSupport.stripPasswords(parameters);
                var manager = new MQTTProtocolManager(server, incoming, outgoing) {
                    @Override
                    public void addChannelHandlers(ChannelPipeline pipeline) {
                        pipeline.addLast(MqttEncoder.INSTANCE);
                        pipeline.addLast(new MqttDecoder(maxPacketBytes));
                        pipeline.addLast(gate.get());
                        pipeline.addLast(new MQTTProtocolHandler(server, this));
                    }
                };
                return BeanSupport.setData(manager, parameters);
            }
        };
    }

    /// Says that the client has sent something, which the broker would not notice of packets that we take.
    public static void dataReceived(MQTTConnection connection) {
        connection.dataReceived();
    }

    /// What may be done in the name of a client that has just been told that it is connected; empty if another
    /// connection has taken its session over meanwhile.
    public static Optional<Client> client(ActiveMQServer server, MQTTConnection connection) {
        try {
            var session = MQTTStateManager.getInstance(server).getSessionState(connection.getClientID()).getSession();
            return session == null || session.getConnection() != connection ? Optional.empty()
                    : Optional.of(new Client(server, session));
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not know " + connection.getClientID(), e);
        }
    }

    /// A client as the broker knows it. Used on one thread.
    public static final class Client {
        private final ActiveMQServer server;
        private final MQTTSession session;
        private OperationContext operations;

        private Client(ActiveMQServer server, MQTTSession session) {
            this.server = server;
            this.session = session;
        }

        /// Puts the last will on another topic. Its bytes move out of the pool, to which the broker never gives them
        /// back.
        public void moveWill(String topic) {
            var state = session.getState();
            state.setWillTopic(topic);
            var pooled = state.getWillMessage();
            if (pooled == null) return;
            state.setWillMessage(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(pooled)));
            pooled.release();
        }

        /// The client leaves in order, or has no will while its session had one. The broker would find that out on
        /// another thread, perhaps only after it has seen the connection close and has published the will.
        public void forgetWill() {
            if (session.getState().getSession() == session) session.getState().setWill(false);
        }

        /// What the client subscribes to, shared subscriptions with their group.
        public List<String> filters() {
            return session.getState().getSubscriptions().stream().map(MqttTopicSubscription::topicFilter).toList();
        }

        /// Publishes what the client has sent, properties and all; also when it has left meanwhile.
        ///
        /// @param kept called, perhaps on another thread, when it is on disk for whoever is away
        public void publish(MqttPublishMessage message, Runnable kept) {
            var storage = server.getStorageManager();
            if (operations == null) operations = server.newOperationContext();
            storage.setContext(operations);
            try {
                var header = message.variableHeader();
                var copy = MQTTUtil.createServerMessageFromByteBuf(session,
                        SimpleString.of(address(server, header.topicName())), message);
                copy.setRoutingType(RoutingType.MULTICAST);
                copy.setDurable(message.fixedHeader().qosLevel().value() > 0);
                route(server, header.topicName(), copy, message.fixedHeader().isRetain(),
                        message.payload().readableBytes());
                storage.afterCompleteOperations(new IOCallback() {
                    @Override
                    public void done() {
                        kept.run();
                    }

                    @Override
                    public void onError(int code, String text) {
                        // Not acknowledged, so the client sends it again.
                    }
                });
            } catch (Exception e) {
                throw new IllegalStateException("the broker cannot publish to " + message.variableHeader().topicName(),
                        e);
            } finally {
                storage.clearContext();
            }
        }
    }

    /// Whether any subscription, also of a client that is away, would get a message of this topic.
    public static boolean hasSubscriber(ActiveMQServer server, String topic) {
        try {
            var addresses = ((PostOfficeImpl) server.getPostOffice()).getAddressManager();
            var bindings = addresses.getBindingsForRoutingAddress(SimpleString.of(address(server, topic)));
            return bindings != null && !bindings.getBindings().isEmpty();
        } catch (Exception e) {
            throw new IllegalStateException("the broker cannot look up " + topic, e);
        }
    }

    /// Publishes on behalf of the platform; with `retain` it waits for the disk. An empty retained payload removes what
    /// was retained.
    ///
    /// @param expiresMillis epoch milliseconds after which it is not delivered any more; 0 for never
    public static void publish(ActiveMQServer server, String topic, byte[] payload, int qos, boolean retain,
            long expiresMillis) {
        publish(server, topic, payload, qos, retain, expiresMillis, qos > 0);
    }

    /// The same for what is kept elsewhere: the broker holds it in memory only.
    public static void publishPassing(ActiveMQServer server, String topic, byte[] payload, int qos,
            long expiresMillis) {
        publish(server, topic, payload, qos, false, expiresMillis, false);
    }

    private static void publish(ActiveMQServer server, String topic, byte[] payload, int qos, boolean retain,
            long expiresMillis, boolean isKept) {
        try {
            var address = address(server, topic);
            var storage = server.getStorageManager();
            var message = new CoreMessage(storage.generateID(), payload.length + 64);
            message.setAddress(SimpleString.of(address));
            message.setRoutingType(RoutingType.MULTICAST);
            message.setType(Message.BYTES_TYPE);
            message.setDurable(isKept);
            message.setExpiration(expiresMillis);
            message.putBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_KEY, retain);
            message.putIntProperty(MQTTUtil.MQTT_QOS_LEVEL_KEY, qos);
            message.getBodyBuffer().writeBytes(payload);
            if (retain) retainVisibly(server, topic, payload.length == 0 ? null : message);
            server.getPostOffice().route(message, false);
        } catch (Exception e) {
            throw new IllegalStateException("the broker cannot publish to " + topic, e);
        }
    }

    /// The same as `retain`, but done when it returns. A client that subscribes meanwhile would else find nothing
    /// retained yet, and have come too late for the message itself.
    private static void retainVisibly(ActiveMQServer server, String topic, Message message) throws Exception {
        var storage = server.getStorageManager();
        storage.setContext(server.newOperationContext());
        try {
            retain(server, topic, message);
            storage.waitOnOperations();
            var queue = server.locateQueue(retained(server, topic));
            if (queue != null) queue.flushExecutor();
        } finally {
            storage.clearContext();
        }
    }

    private static SimpleString retained(ActiveMQServer server, String topic) {
        return SimpleString.of(MQTTUtil.getCoreRetainAddressFromMqttTopic(topic,
                server.getConfiguration().getWildcardConfiguration()));
    }

    private static void route(ActiveMQServer server, String topic, Message message, boolean retain, int length)
            throws Exception {
        if (retain) retain(server, topic, length == 0 ? null : message);
        server.getPostOffice().route(message, false);
    }

    private static void retain(ActiveMQServer server, String topic, Message message) throws Exception {
        var name = retained(server, topic);
        var queue = server.locateQueue(name);
        if (queue == null) {
            if (message == null) return;
            queue = server.createQueue(QueueConfiguration.of(name).setAutoCreated(true), true);
        }
        queue.deleteAllReferences();
        if (message == null) return;
        var storage = server.getStorageManager();
        MQTTUtil.sendMessageDirectlyToQueue(storage, server.getPostOffice(), message.copy(storage.generateID()),
                queue, null);
    }

    /// Removes what is retained below a topic and on it. It is gone from disk when this returns; the bytes that held it
    /// are used again later.
    public static void forgetRetained(ActiveMQServer server, String topic) {
        forgetRetained(server, topic, _ -> true);
    }

    /// The same, of those whose next word below the topic is meant: however many, in one pass over all that is retained
    /// there.
    public static void forgetRetained(ActiveMQServer server, String topic, Predicate<String> isMeant) {
        var storage = server.getStorageManager();
        storage.setContext(server.newOperationContext());
        try {
            var wildcards = server.getConfiguration().getWildcardConfiguration();
            var all = MQTTUtil.getCoreRetainAddressFromMqttTopic(topic + "/#", wildcards);
            var below = all.length() - 1;
            for (var name : server.bindingQuery(SimpleString.of(all)).getQueueNames()) {
                var rest = name.length() > below ? name.toString().substring(below) : "";
                var end = rest.indexOf(wildcards.getDelimiter());
                if (!isMeant.test(end < 0 ? rest : rest.substring(0, end))) continue;
                var queue = server.locateQueue(name);
                if (queue != null) queue.deleteAllReferences();
            }
            storage.waitOnOperations();
        } catch (Exception e) {
            throw new IllegalStateException("the broker cannot forget what is retained below " + topic, e);
        } finally {
            storage.clearContext();
        }
    }

    private static String address(ActiveMQServer server, String topic) {
        return MQTTUtil.getCoreAddressFromMqttTopic(topic, server.getConfiguration().getWildcardConfiguration());
    }
}
