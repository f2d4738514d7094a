package io.iotflow.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.Queue;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager;

/// What a simulator sees of a platform: a real MQTT broker that knows the devices' keys, and a small HTTP server that
/// registers devices and takes telemetry. It records what it was sent.
final class StandInPlatform implements AutoCloseable {
    static final String OPERATOR_TOKEN = "operator-secret";
    private static final String WATCHER = "watcher";

    record Arrived(String topic, JsonNode body, boolean retained, MqttQos qos) {}

    record Request(String path, JsonNode body) {}

    private record Answer(int status, String body) {}

    private final int mqttPort = freePort();
    private final HttpServer http;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<String, String> keysByHandle = new ConcurrentHashMap<>();
    private final Map<String, String> idsByName = new ConcurrentHashMap<>();
    private volatile EmbeddedActiveMQ broker;
    private volatile Mqtt5AsyncClient watcher;

    final List<Request> requests = new CopyOnWriteArrayList<>();
    final List<Arrived> messages = new CopyOnWriteArrayList<>();
    /// What the next registrations are answered: a status, once each.
    final Queue<Integer> registrationUpsets = new ConcurrentLinkedQueue<>();
    /// The same for telemetry.
    final Queue<Integer> upsets = new ConcurrentLinkedQueue<>();
    final AtomicReference<String> retryAfter = new AtomicReference<>("1");

    StandInPlatform() throws Exception {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/api/v1/", this::serve);
        http.start();
        startBroker();
    }

    Target target(Target.Protocol protocol) {
        return new Target("127.0.0.1", mqttPort, http.getAddress().getPort(), protocol);
    }

    void startBroker() throws Exception {
        var configuration = new ConfigurationImpl().setPersistenceEnabled(false).setSecurityEnabled(true)
                .setJMXManagementEnabled(false)
                .addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:" + mqttPort + "?protocols=MQTT");
        var started = new EmbeddedActiveMQ();
        started.setConfiguration(configuration);
        started.setSecurityManager(new KeyCheck());
        started.start();
        broker = started;
        watcher = Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(mqttPort).identifier(WATCHER)
                .simpleAuth().username(WATCHER).password(WATCHER.getBytes(UTF_8)).applySimpleAuth().buildAsync();
        watcher.publishes(MqttGlobalPublishFilter.ALL, this::arrived);
        watcher.connect().get(10, TimeUnit.SECONDS);
        watcher.subscribeWith().topicFilter("devices/#").qos(MqttQos.AT_LEAST_ONCE).send().get(10, TimeUnit.SECONDS);
    }

    void stopBroker() throws Exception {
        broker.stop();
    }

    private void arrived(Mqtt5Publish publish) {
        messages.add(new Arrived(publish.getTopic().toString(), Json.lenient(publish.getPayloadAsBytes()),
                publish.isRetain(), publish.getQos()));
    }

    int mqttPort() {
        return mqttPort;
    }

    void command(String device, String payload) throws Exception {
        command(device, "", payload);
    }

    void command(String device, String subtopic, String payload) throws Exception {
        watcher.publishWith().topic("devices/" + device + "/commands" + subtopic).qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8)).send().get(10, TimeUnit.SECONDS);
    }

    String idOf(String name) {
        return idsByName.get(name);
    }

    List<Arrived> on(String topic) {
        return messages.stream().filter(message -> message.topic().equals(topic)).toList();
    }

    List<Request> requestsTo(String path) {
        return requests.stream().filter(request -> request.path().equals(path)).toList();
    }

    /// As after a restore of an older backup: names are free, keys are unknown.
    void forgetAll() {
        keysByHandle.clear();
        idsByName.clear();
    }

    void takeName(String name) {
        enrol(name);
    }

    static void await(String what, BooleanSupplier condition) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new AssertionError("waited in vain: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath().substring("/api/v1".length());
            var body = Json.lenient(exchange.getRequestBody().readAllBytes());
            requests.add(new Request(path, body));
            var next = switch (path) {
                case "/devices/heartbeat" -> null;
                case "/devices/telemetry" -> upsets.poll();
                default -> registrationUpsets.poll();
            };
            var upset = next == null ? 0 : next;
            var answer = upset > 0 ? new Answer(upset, "{\"detail\":\"not now\",\"hint\":\"Later.\"}")
                    : answer(path, body, exchange);
            if (answer.status() == 429 || answer.status() == 503) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter.get());
            }
            var bytes = answer.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Answer answer(String path, JsonNode body, HttpExchange exchange) {
        if (path.equals("/devices/register")) {
            var name = body.path("name").asText();
            if (idsByName.containsKey(name)) return new Answer(409, "{\"detail\":\"taken\"}");
            return new Answer(201, "{\"message\":\"registered\",\"device\":" + enrol(name) + "}");
        }
        if (path.startsWith("/admin/devices/")) {
            if (!("admin " + OPERATOR_TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return new Answer(401, "{\"detail\":\"no operator\"}");
            }
            return new Answer(200, enrol(path.split("/")[3]));
        }
        var key = exchange.getRequestHeaders().getFirst("X-API-Key");
        if (key == null || !keysByHandle.containsValue(key)) return new Answer(401, "{\"detail\":\"unknown key\"}");
        return new Answer(201, "{}");
    }

    private synchronized String enrol(String name) {
        var id = idsByName.computeIfAbsent(name, _ -> Integer.toString(ids.incrementAndGet()));
        var key = "key-of-" + id + "-" + ids.incrementAndGet();
        keysByHandle.put(id, key);
        keysByHandle.put(name, key);
        return "{\"id\":" + id + ",\"name\":\"" + name + "\",\"api_key\":\"" + key + "\",\"status\":\"active\"}";
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws Exception {
        watcher.disconnect().exceptionally(_ -> null);
        broker.stop();
        http.stop(0);
    }

    /// Every device by its own key; the watcher by its name.
    private final class KeyCheck implements ActiveMQSecurityManager {
        @Override
        public boolean validateUser(String user, String password) {
            return WATCHER.equals(user)
                || (user != null && password != null && password.equals(keysByHandle.get(user)));
        }

        @Override
        public boolean validateUserAndRole(String user, String password, Set<Role> roles, CheckType checkType) {
            return validateUser(user, password);
        }
    }
}
