package org.apache.activemq.artemis.core.protocol.mqtt;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.activemq.artemis.api.core.BaseInterceptor;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.postoffice.impl.PostOfficeImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManager;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManagerFactory;
import org.apache.activemq.artemis.utils.uri.BeanSupport;

/// Access to what the broker's MQTT code keeps to its package.
public final class BrokerDoors {

    private BrokerDoors() {}

    /// MQTT as the broker speaks it, with a handler of ours in front of its own and a limit on a packet's size that is
    /// enforced before the packet is in memory.
    public static ProtocolManagerFactory protocol(int maxPacketBytes, Supplier<ChannelHandler> gate) {
        return new MQTTProtocolManagerFactory() {
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

    /// Puts the last will of a connected client on another topic.
    public static void renameWill(ActiveMQServer server, String clientId, String topic) {
        try {
            MQTTStateManager.getInstance(server).getSessionState(clientId).setWillTopic(topic);
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not know " + clientId, e);
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

    /// Publishes on behalf of the platform. An empty retained payload removes what was retained.
    ///
    /// @param expiresMillis epoch milliseconds after which it is not delivered any more; 0 for never
    public static void publish(ActiveMQServer server, String topic, byte[] payload, int qos, boolean retain,
            long expiresMillis) {
        try {
            var address = address(server, topic);
            var storage = server.getStorageManager();
            var message = new CoreMessage(storage.generateID(), payload.length + 64);
            message.setAddress(SimpleString.of(address));
            message.setRoutingType(RoutingType.MULTICAST);
            message.setType(Message.BYTES_TYPE);
            message.setDurable(qos > 0);
            message.setExpiration(expiresMillis);
            message.putBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_KEY, retain);
            message.putIntProperty(MQTTUtil.MQTT_QOS_LEVEL_KEY, qos);
            message.getBodyBuffer().writeBytes(payload);
            if (retain) retain(server, topic, payload.length == 0 ? null : message);
            server.getPostOffice().route(message, false);
        } catch (Exception e) {
            throw new IllegalStateException("the broker cannot publish to " + topic, e);
        }
    }

    private static void retain(ActiveMQServer server, String topic, Message message) throws Exception {
        var name = MQTTUtil.getCoreRetainAddressFromMqttTopic(topic,
                server.getConfiguration().getWildcardConfiguration());
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

    private static String address(ActiveMQServer server, String topic) {
        return MQTTUtil.getCoreAddressFromMqttTopic(topic, server.getConfiguration().getWildcardConfiguration());
    }
}
