package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.certificate.ServerTls;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Credentials;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Gateways;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.limits.RateLimits;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.postoffice.Binding;
import org.apache.activemq.artemis.core.protocol.mqtt.BrokerDoors;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerBindingPlugin;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.PageFullMessagePolicy;
import org.apache.activemq.artemis.core.transaction.Transaction;

/// Owns the MQTT ports and the broker behind them, and publishes what the platform has to say to devices.
/// Listens from the constructor on until closed.
public final class MqttListener implements AutoCloseable {
    /// Memory and disk for messages to one topic whose subscribers are slow or away; beyond it they are dropped.
    private static final long TOPIC_MEMORY = 4L << 20;
    private static final long TOPIC_DISK = 64L << 20;
    /// Memory for all messages in the broker; beyond it they go to disk.
    private static final long BROKER_MEMORY = 64L << 20;
    private static final Duration FORGET_EVERY = Duration.ofMillis(250);
    private static final String DEVICES = TopicAccess.ROOT.substring(0, TopicAccess.ROOT.length() - 1);

    private final ActiveMQServerImpl broker;
    private final Connections connections;
    /// Devices of which the broker may retain something that nobody may hear any more.
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private final MqttContext context;
    private final MqttConfig config;
    private MqttPorts ports;
    private int port;
    private int websocketPort;
    private int tlsPort;

    /// @param tls      for the TLS port; empty for none
    /// @param downlink carries commands as soon as the ports are open
    public MqttListener(MqttConfig config, Path folder, Optional<ServerTls> tls, Ingest ingest, Journal journal,
            RateLimits limits, DeviceRegistry devices, Gateways gateways, FleetGroups groups, Credentials credentials,
            Presence presence, Function<String, Optional<Caller.User>> users, Downlink downlink, InstantSource clock) {
        this.config = config;
        connections = new Connections(presence, id -> devices.find(id).flatMap(Device::quarantine)
                .map(Device.Quarantine::sentence), clock);
        broker = new ActiveMQServerImpl(configuration(config, folder),
                new MqttAuthentication(credentials, users, connections));
        context = new MqttContext(broker, ingest, journal, limits, devices, gateways, groups, connections,
                downlink);
        broker.addProtocolManagerFactory(
                BrokerDoors.protocol(config.maxPacketKib() << 10, () -> new MqttGate(context)));
        broker.registerBrokerPlugin(new ActiveMQServerBindingPlugin() {
            @Override
            public void afterAddBinding(Binding binding) {
                context.subscriptionsChanged();
            }

            @Override
            public void afterRemoveBinding(Binding binding, Transaction tx, boolean deleteData) {
                context.subscriptionsChanged();
            }
        });
        devices.onChange(device -> Thread.startVirtualThread(() -> {
            connections.checkAgain(device);
            context.behind().checkAgain(device);
        }));
        try {
            broker.start();
            if (!broker.waitForActivation(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the MQTT broker did not start within 30 s");
            }
            broker.getScheduledPool().scheduleWithFixedDelay(connections::closeEnded, 1, 1, TimeUnit.SECONDS);
            broker.getScheduledPool().scheduleWithFixedDelay(() -> Thread.startVirtualThread(this::forgetEnded),
                    FORGET_EVERY.toMillis(), FORGET_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            downlink.open(this::carry);
            broker.getScheduledPool().scheduleWithFixedDelay(downlink::forgetOld, 1, 1, TimeUnit.SECONDS);
            var between = Limits.MQTT_TOKEN_CHECK.toMillis();
            broker.getScheduledPool().scheduleWithFixedDelay(
                    () -> Thread.startVirtualThread(connections::checkUsersAgain), between, between,
                    TimeUnit.MILLISECONDS);
            ports = new MqttPorts(config, acceptor(), connections);
            port = ports.open(config.port());
            websocketPort = config.websocketPort() >= 0 ? ports.openWebsocket(config.websocketPort()) : -1;
            tlsPort = tls.isPresent() ? ports.openTls(config.tlsPort(), context(tls.get())) : -1;
        } catch (Exception e) {
            close();
            throw e instanceof RuntimeException failure ? failure
                    : new IllegalStateException("MQTT cannot start: " + e.getMessage(), e);
        }
    }

    private static ConfigurationImpl configuration(MqttConfig config, Path folder) {
        var broker = new ConfigurationImpl();
        broker.setName("iotflow");
        broker.setSecurityEnabled(true);
        // A cached answer would skip the place where a connection learns whose it is.
        broker.setAuthenticationCacheSize(0);
        broker.setAuthorizationCacheSize(0);
        broker.setResolveProtocols(false);
        broker.setPersistenceEnabled(true);
        broker.setJournalType(JournalType.NIO);
        broker.setJournalDirectory(folder.resolve("journal").toString());
        broker.setBindingsDirectory(folder.resolve("bindings").toString());
        broker.setPagingDirectory(folder.resolve("paging").toString());
        broker.setLargeMessagesDirectory(folder.resolve("large").toString());
        broker.setJournalFileSize(2 << 20);
        broker.setJournalMinFiles(2);
        broker.setJournalPoolFiles(4);
        broker.setJournalBufferSize_NIO(256 << 10);
        broker.setJournalMaxIO_NIO(1);
        broker.setCriticalAnalyzer(false);
        broker.setJMXManagementEnabled(false);
        broker.setMessageCounterEnabled(false);
        broker.setGlobalMaxSize(BROKER_MEMORY);
        broker.setMaxDiskUsage(-1);
        broker.setThreadPoolMaxSize(8);
        broker.setScheduledThreadPoolMaxSize(2);
        broker.setConnectionTtlCheckInterval(1_000);
        broker.setMqttSessionScanInterval(500);
        broker.addAddressSetting("#", new AddressSettings()
                .setAutoCreateAddresses(true).setAutoDeleteAddresses(true)
                .setAutoCreateQueues(true).setAutoDeleteQueues(true)
                .setMaxSizeBytes(TOPIC_MEMORY)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setPageSizeBytes(1 << 20)
                .setPageLimitBytes(TOPIC_DISK)
                .setPageFullMessagePolicy(PageFullMessagePolicy.DROP)
                .setDeadLetterAddress(SimpleString.of("")).setExpiryAddress(SimpleString.of("")));
        return broker;
    }

    /// The broker without a port: it is handed its connections.
    private NettyAcceptor acceptor() throws Exception {
        var parameters = new HashMap<String, Object>();
        parameters.put("httpUpgradeEnabled", true);
        parameters.put("remotingThreads", 1);
        parameters.put("protocols", BrokerDoors.protocols());
        parameters.put("handshake-timeout", 10);
        parameters.put("topicAliasMaximum", TopicAliases.MAXIMUM);
        parameters.put("serverKeepAlive", config.serverKeepAlive());
        parameters.put("defaultMqttSessionExpiryInterval", config.sessionExpiry());
        parameters.put("maximumPacketSize", config.maxPacketKib() << 10);
        var acceptor = broker.getRemotingService().createAcceptor(
                new TransportConfiguration(NettyAcceptorFactory.class.getName(), parameters, "mqtt"));
        acceptor.start();
        return (NettyAcceptor) acceptor;
    }

    private static SslContext context(ServerTls tls) throws SSLException {
        return SslContextBuilder.forServer(tls.keys()).sslProvider(SslProvider.JDK)
                .protocols(ServerTls.protocols()).trustManager(tls.trust()).clientAuth(ClientAuth.OPTIONAL).build();
    }

    public int port() {
        return port;
    }

    /// The WebSocket port, or -1 if there is none.
    public int websocketPort() {
        return websocketPort;
    }

    /// The TLS port, or -1 if there is none.
    public int tlsPort() {
        return tlsPort;
    }

    /// Sends something down to a device, QoS 1. A device that is away with a lasting session gets it later.
    ///
    /// @param retain  keep it for whoever subscribes later; an empty payload removes what was kept
    /// @param expires after this it is not delivered any more
    public void publish(DeviceId device, Kind kind, byte[] payload, boolean retain, Optional<Instant> expires) {
        BrokerDoors.publish(broker, DeviceTopic.of(device.toString(), kind), payload, 1, retain,
                expires.map(Instant::toEpochMilli).orElse(0L));
    }

    /// Sends something down to the devices of a group, QoS 1: to those that have subscribed to its topic.
    ///
    /// @param expires after this it is not delivered any more
    public void publishToGroup(long group, byte[] payload, Optional<Instant> expires) {
        BrokerDoors.publish(broker, FleetTopic.of(group), payload, 1, false,
                expires.map(Instant::toEpochMilli).orElse(0L));
    }

    /// The same, below the kind's topic, for whoever listens.
    public void publish(DeviceId device, Kind kind, String rest, byte[] payload) {
        BrokerDoors.publish(broker, DeviceTopic.of(device.toString(), kind, rest), payload, 1, false, 0);
    }

    public boolean isFollowed(DeviceId device, Kind kind, String rest) {
        return BrokerDoors.hasSubscriber(broker, DeviceTopic.of(device.toString(), kind, rest));
    }

    /// A command, on the device's own topic and on those by which a device made for ThingsBoard, or its gateway, is
    /// called.
    private void carry(DeviceId device, byte[] content, Instant until) {
        BrokerDoors.publishPassing(broker, DeviceTopic.of(device.toString(), Kind.COMMANDS), content, 1,
                until.toEpochMilli());
        var isCalled = BrokerDoors.hasSubscriber(broker, Calls.topic(device, "1"));
        var place = context.behind().of(device)
                .filter(it -> BrokerDoors.hasSubscriber(broker, Calls.topicOfOthers(it.gateway())));
        if (!isCalled && place.isEmpty()) return;
        var command = Json.read(content);
        var number = context.calls().number(device, command.path("id").asText());
        if (isCalled) {
            BrokerDoors.publishPassing(broker, Calls.topic(device, Integer.toString(number)), Calls.call(command), 1,
                    until.toEpochMilli());
        }
        place.ifPresent(it -> BrokerDoors.publishPassing(broker, Calls.topicOfOthers(it.gateway()),
                Calls.callBehind(it.name(), number, command), 1, until.toEpochMilli()));
    }

    /// The numbers of calls to devices of ThingsBoard, whichever way they go.
    public Calls calls() {
        return context.calls();
    }

    /// Tells the gateway through which a device is there, if there is one, what it should hear for the device.
    ///
    /// @param topic   below `v1/gateway/`
    /// @param payload of the device's name
    public void publishToGateway(DeviceId device, String topic, Function<String, byte[]> payload) {
        context.behind().of(device).ifPresent(place -> BrokerDoors.publish(broker,
                ForeignTopics.canonical(place.gateway(), ForeignTopics.GATEWAY + topic), payload.apply(place.name()),
                1, false, 0));
    }

    /// Whether the device is there through a gateway that hears what is said on the topic.
    public boolean isFollowedByGateway(DeviceId device, String topic) {
        return context.behind().of(device).filter(place -> BrokerDoors.hasSubscriber(broker,
                ForeignTopics.canonical(place.gateway(), ForeignTopics.GATEWAY + topic))).isPresent();
    }

    /// The same for topics of other platforms, such as `aws/update/accepted`; see `ForeignTopics`.
    public void publishForeign(DeviceId device, String topic, byte[] payload, Optional<Instant> expires) {
        BrokerDoors.publish(broker, ForeignTopics.canonical(device, topic), payload, 1, false,
                expires.map(Instant::toEpochMilli).orElse(0L));
    }

    public boolean isForeignFollowed(DeviceId device, String topic) {
        return BrokerDoors.hasSubscriber(broker, ForeignTopics.canonical(device, topic));
    }

    /// Calls back when a device that is told of its shadow has subscribed, or has come back to what it subscribed to.
    ///
    /// @param listener MUST NOT wait: it is called on the connection's event loop
    public void onShadowFollowed(Consumer<DeviceId> listener) {
        context.onShadowFollowed(listener);
    }

    /// Tells whoever follows alerts, QoS 1.
    ///
    /// @param topic below `iotflow/alerts/`
    public void publishAlert(String topic, byte[] payload) {
        BrokerDoors.publish(broker, topic, payload, 1, false, 0);
    }

    /// Ends the device's connections, as when its keys were revoked.
    public void disconnect(DeviceId device) {
        connections.close(device);
    }

    /// Ends the connections of users and programs that are not let in any more, or may do something else now. May wait
    /// for the database.
    public void checkUsersAgain() {
        connections.checkUsersAgain();
    }

    /// Removes what is retained of the device's telemetry; on disk when this returns.
    public void forgetTelemetry(DeviceId device) {
        BrokerDoors.forgetRetained(broker, DeviceTopic.of(device.toString(), Kind.TELEMETRY));
    }

    /// The device's life has ended: so do its connections, and soon nothing of it stays retained. Wills do not come
    /// after that, since the broker refuses them with the revoked key.
    public void retire(DeviceId device) {
        connections.close(device);
        ended.add(device.toString());
    }

    /// All that have ended since: of thousands at once, each by itself would search everything that is retained.
    private void forgetEnded() {
        var now = Set.copyOf(ended);
        if (now.isEmpty()) return;
        BrokerDoors.forgetRetained(broker, DEVICES, now::contains);
        ended.removeAll(now); // not before: what fails is tried again
    }

    public int connections() {
        return connections.count();
    }

    /// Connects that were refused since the start.
    public long refusedConnects() {
        return connections.refusedConnects();
    }

    /// Connections that ended by an error of the network or the client since the start.
    public long failures() {
        return connections.failures();
    }

    @Override
    public void close() {
        if (ports != null) ports.stopListening();
        try {
            broker.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the MQTT broker did not stop", e);
        } finally {
            if (ports != null) ports.close();
        }
    }
}
