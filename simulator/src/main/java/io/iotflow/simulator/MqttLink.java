package io.iotflow.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.internal.mqtt.MqttClientConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// MQTT 5, everything at QoS 1. All links share the client library's few event loop threads; its callbacks only put
/// events into the device's inbox.
final class MqttLink implements Link {
    private static final Duration OPEN_WITHIN = Duration.ofSeconds(10);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final Set<Mqtt5ConnAckReasonCode> KEY_REFUSALS = Set.of(
            Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD, Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);

    /// The last will, which the platform speaks when the device no longer can.
    private static final byte[] OFFLINE = "{\"status\":\"offline\",\"reason\":\"connection lost\"}".getBytes(UTF_8);

    private final Mqtt5AsyncClient client;
    private final String root;
    private final Consumer<LinkEvent> inbox;
    private volatile CompletableFuture<?> lastWord = CompletableFuture.completedFuture(null);

    private MqttLink(Target target, Identity identity, Consumer<LinkEvent> inbox) {
        this.root = "devices/" + identity.handle() + "/";
        this.inbox = inbox;
        this.client = Mqtt5Client.builder()
                .identifier("device-" + identity.handle())
                .serverHost(target.host()).serverPort(target.mqttPort())
                .transportConfig().socketConnectTimeout(OPEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .applyTransportConfig()
                .simpleAuth().username(identity.handle()).password(identity.apiKey().getBytes(UTF_8)).applySimpleAuth()
                .willPublish().topic(root + "status").qos(MqttQos.AT_LEAST_ONCE).retain(true)
                .payload(OFFLINE).applyWillPublish()
                .addDisconnectedListener(context ->
                        inbox.accept(new LinkEvent.Lost(this, Causes.of(context.getCause()))))
                .buildAsync();
    }

    /// Connects, then listens for commands.
    static Link open(Target target, Identity identity, Consumer<LinkEvent> inbox)
            throws LinkException, InterruptedException {
        var link = new MqttLink(target, identity, inbox);
        link.await(link.client.connectWith().cleanStart(true).keepAlive(KEEP_ALIVE_SECONDS).send());
        link.await(link.client.subscribe(link.commandTopics(), link::commandArrived));
        return link;
    }

    private Mqtt5Subscribe commandTopics() {
        return Mqtt5Subscribe.builder()
                .addSubscription(subscription(root + "commands"))
                .addSubscription(subscription(root + "commands/+")).build();
    }

    private static Mqtt5Subscription subscription(String filter) {
        return Mqtt5Subscription.builder().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).build();
    }

    private void commandArrived(Mqtt5Publish publish) {
        inbox.accept(new LinkEvent.CommandArrived(publish.getTopic().toString(), publish.getPayloadAsBytes()));
    }

    private void await(CompletableFuture<?> future) throws LinkException, InterruptedException {
        try {
            future.get(OPEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            abandon();
            throw new LinkException(Causes.of(e), e.getCause() instanceof Mqtt5ConnAckException refused
                    && KEY_REFUSALS.contains(refused.getMqttMessage().getReasonCode()));
        } catch (TimeoutException e) {
            abandon();
            throw new LinkException(Causes.of(e), false);
        } catch (InterruptedException e) {
            abandon();
            throw e;
        }
    }

    private void abandon() {
        client.disconnect().exceptionally(_ -> null);
    }

    @Override
    public void send(Message message) {
        var sentAt = System.nanoTime();
        client.publish(publish("telemetry", message.payload(), false)).whenComplete((result, failure) -> {
            var latency = Duration.ofNanos(System.nanoTime() - sentAt);
            var error = failure != null ? failure : result.getError().orElse(null);
            if (error == null) {
                inbox.accept(new LinkEvent.Acknowledged(message.number(), latency));
            } else if (refusal(error) instanceof Mqtt5PubAckException refused) {
                var reason = refused.getMqttMessage().getReasonCode().name().toLowerCase(Locale.ROOT);
                inbox.accept(new LinkEvent.Refused(message.number(), reason.replace('_', ' ')));
            } else {
                inbox.accept(new LinkEvent.Lost(this, Causes.of(error)));
            }
        });
    }

    private static Throwable refusal(Throwable error) {
        return error instanceof CompletionException ? error.getCause() : error;
    }

    @Override
    public void heartbeat(byte[] payload) {
        report("heartbeat", payload);
    }

    @Override
    public void status(byte[] payload) {
        say(publish("status", payload, true));
    }

    @Override
    public void report(String topic, byte[] payload) {
        say(publish(topic, payload, false));
    }

    /// What is lost here is lost: the next heartbeat or status says the same.
    private void say(Mqtt5Publish publish) {
        lastWord = client.publish(publish).handle((_, _) -> null);
    }

    private Mqtt5Publish publish(String topic, byte[] payload, boolean retain) {
        return Mqtt5Publish.builder().topic(root + topic).payload(payload).qos(MqttQos.AT_LEAST_ONCE)
                .contentType("application/json").retain(retain).build();
    }

    /// The goodbye must not overtake what was said before it.
    @Override
    public void close() {
        try {
            lastWord.get(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Nobody listens any more; then there is nobody to say goodbye to.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            client.disconnect().get(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // It was gone already, which is what was wanted.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Cuts the connection without a DISCONNECT. The library's public face only knows how to leave politely, and not
    /// every broker heeds the reason code that asks for the last will, so this reaches for the channel beneath.
    @Override
    public void drop() {
        var connection = ((MqttClientConfig) client.getConfig()).getRawConnectionConfig();
        if (connection != null) connection.getChannel().close();
    }
}
