package io.iotflow.server.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.live.LivePlatform.Known;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The feed of a whole platform, over WebSocket and server-sent events.
class LiveRoutesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE = 30;

    @TempDir
    static Path folder;
    private static LivePlatform platform;
    private static Known one;
    private static Known two;

    @BeforeAll
    static void start() {
        platform = new LivePlatform(folder, Map.of());
        one = platform.register("live-one");
        two = platform.register("live-two");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    /// One WebSocket. Reads only while it is told to.
    private static final class Reader implements WebSocket.Listener, AutoCloseable {
        private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final WebSocket socket;
        private volatile boolean isReading;

        Reader(boolean isReading, String... headers) {
            this.isReading = isReading;
            var builder = platform.client().newWebSocketBuilder();
            for (int i = 0; i < headers.length; i += 2) builder.header(headers[i], headers[i + 1]);
            socket = builder.buildAsync(URI.create(platform.uri("/ws").toString().replace("http", "ws")), this).join();
        }

        @Override
        public void onOpen(WebSocket opened) {
            if (isReading) opened.request(1);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                try {
                    messages.add(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                text.setLength(0);
            }
            if (isReading) from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            closed.add(status);
            return null;
        }

        Reader say(String message) {
            socket.sendText(message, true).join();
            return this;
        }

        void read() {
            isReading = true;
            socket.request(1);
        }

        JsonNode next() throws InterruptedException {
            var message = messages.poll(PATIENCE, TimeUnit.SECONDS);
            assertThat(message).as("a message in time").isNotNull();
            return message;
        }

        /// The subscription counts when its answer is there; there is none, so a command that fails follows it.
        Reader subscribed() throws InterruptedException {
            say("{}");
            assertThat(next().path("code").asText()).isEqualTo("malformed_request");
            return this;
        }

        @Override
        public void close() {
            socket.abort();
        }
    }

    private static void send(Known device, String data) {
        assertThat(platform.as(device, "POST", "/api/v1/telemetry", data).status()).isEqualTo(201);
    }

    private static String authorization(String credential) {
        return "{\"authorization\":\"" + credential + "\"}";
    }

    @Test
    void anOperatorAuthorizedByTheFirstMessageHearsWhatItAskedFor() throws Exception {
        try (var reader = new Reader(true)) {
            reader.say(authorization("admin " + LivePlatform.TOKEN))
                    .say("{\"subscribe\":{\"types\":[\"telemetry\"],\"devices\":[\"live-two\"]}}").subscribed();
            send(one, "{\"t\":1}");
            send(two, "{\"t\":2.5,\"on\":true,\"word\":\"a\\\"b\"}");
            var event = reader.next();
            assertThat(event.path("type").asText()).isEqualTo("telemetry");
            assertThat(event.path("device_id").asLong()).isEqualTo(two.id());
            assertThat(event.path("device_name").asText()).isEqualTo("live-two");
            assertThat(event.path("data")).isEqualTo(JSON.readTree("{\"t\":2.5,\"on\":true,\"word\":\"a\\\"b\"}"));
            reader.say("{\"subscribe\":{\"devices\":[" + one.id() + "]}}").subscribed();
            send(two, "{\"t\":3}");
            send(one, "{\"t\":4}");
            assertThat(reader.next().path("data").path("t").asInt()).isEqualTo(4);
        }
    }

    @Test
    void whoHasSeveralWishesHearsWhatFitsOneOfThem() throws Exception {
        try (var reader = new Reader(true, "Authorization", "admin " + LivePlatform.TOKEN)) {
            reader.say("{\"subscribe\":[{\"types\":[\"telemetry\"],\"devices\":[\"live-two\"]},"
                    + "{\"types\":[\"device\"],\"devices\":[\"live-one\"]}]}").subscribed();
            send(one, "{\"t\":1}");
            send(two, "{\"t\":2}");
            for (var event = reader.next(); ; event = reader.next()) {
                assertThat(event.path("type").asText())
                        .isEqualTo(event.path("device_name").asText().equals("live-two") ? "telemetry" : "device");
                if (event.path("type").asText().equals("telemetry")) break;
            }
            assertThat(reader.say("{\"subscribe\":[]}").next().path("code").asText()).isEqualTo("invalid");
        }
    }

    @Test
    void aDeviceHearsOnlyOfItself() throws Exception {
        try (var reader = new Reader(true, "X-API-Key", one.key())) {
            reader.say("{\"subscribe\":{\"types\":[\"telemetry\"]}}").subscribed();
            send(two, "{\"t\":1}");
            send(one, "{\"t\":2}");
            assertThat(reader.next().path("device_id").asLong()).isEqualTo(one.id());
            reader.say("{\"subscribe\":{\"devices\":[" + two.id() + "]}}");
            assertThat(reader.next().path("code").asText()).isEqualTo("not_found");
        }
    }

    @Test
    void aWrongCredentialEndsTheConversationWith4401() throws Exception {
        for (var wrong : new String[] {"admin nonsense", "apikey nonsense", "nonsense", ""}) {
            try (var reader = new Reader(true)) {
                reader.say("{\"authorization\":\"" + wrong + "\",\"subscribe\":{}}");
                assertThat(reader.closed.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(4401);
                assertThat(reader.messages).isEmpty();
            }
        }
    }

    @Test
    void whoIsNobodyAndWhoSendsNonsenseIsToldSo() throws Exception {
        try (var reader = new Reader(true)) {
            assertThat(reader.say("{\"subscribe\":{}}").next().path("code").asText()).isEqualTo("unauthorized");
            assertThat(reader.say("not json").next().path("code").asText()).isEqualTo("malformed_request");
            assertThat(reader.say("[]").next().path("code").asText()).isEqualTo("malformed_request");
            reader.say(authorization("admin " + LivePlatform.TOKEN));
            assertThat(reader.say("{\"subscribe\":{\"types\":[\"weather\"]}}").next().path("code").asText())
                    .isEqualTo("invalid");
            assertThat(reader.say("{\"subscribe\":{\"types\":\"telemetry\"}}").next().path("code").asText())
                    .isEqualTo("invalid");
            assertThat(reader.say("{\"subscribe\":{\"devices\":[\"nobody\"]}}").next().path("code").asText())
                    .isEqualTo("not_found");
        }
    }

    @Test
    void presenceRegistrationAndLifeCycleAreTold() throws Exception {
        try (var reader = new Reader(true, "Authorization", "admin " + LivePlatform.TOKEN)) {
            reader.say("{\"subscribe\":{\"types\":[\"device\"]}}").subscribed();
            var made = platform.register("live-newcomer");
            await(reader, made, "registered", "status", "active");
            send(made, "{\"t\":1}");
            await(reader, made, "online", "is_online", "true");
            platform.asOperator("PUT", "/api/v1/admin/devices/" + made.id() + "/status",
                    "{\"status\":\"quarantined\"}");
            await(reader, made, "updated", "status", "quarantined");
        }
    }

    private static void await(Reader reader, Known device, String event, String field, String value)
            throws InterruptedException {
        while (true) {
            var next = reader.next();
            if (next.path("device_id").asLong() == device.id() && next.path("event").asText().equals(event)
                    && next.path(field).asText().equals(value)) return;
        }
    }

    @Test
    void aReaderThatDoesNotReadIsToldWhatItMissedAndDelaysNobody() throws Exception {
        var wish = "{\"subscribe\":{\"types\":[\"telemetry\"],\"devices\":[" + two.id() + "]}}";
        try (var slow = new Reader(true, "X-API-Key", two.key());
                var quick = new Reader(true, "X-API-Key", two.key())) {
            slow.say(wish).subscribed();
            quick.say(wish).subscribed();
            slow.isReading = false;
            var events = 20_000;
            var filler = "x".repeat(400);
            for (int part = 0; part < events / 500; part++) {
                var first = part * 500;
                var records = IntStream.range(first, first + 500)
                        .mapToObj(n -> "{\"n\":" + n + ",\"filler\":\"" + filler + "\",\"ts\":"
                                + (1_767_225_600_000L + n) + "}")
                        .collect(Collectors.joining("\n"));
                var answer = platform.as(two, "POST", "/api/v1/telemetry/batch", records,
                        "Content-Type", "application/x-ndjson");
                assertThat(answer.status()).isEqualTo(201);
                for (int n = first; n < first + 500; n++) {
                    assertThat(quick.next().path("data").path("n").asInt()).isEqualTo(n);
                }
            }
            slow.read();
            long heard = 0;
            long dropped = 0;
            for (var last = -1; last != events - 1; ) {
                var next = slow.next();
                if (next.path("type").asText().equals("lagged")) dropped += next.path("dropped").asLong();
                else {
                    assertThat(next.path("data").path("n").asInt()).isGreaterThan(last);
                    last = next.path("data").path("n").asInt();
                    heard++;
                }
            }
            assertThat(dropped).isPositive();
            assertThat(heard + dropped).isEqualTo(events);
        }
    }

    @Test
    void aBrokenStreamGoesOnWhereItStopped() throws Exception {
        var path = "/api/v1/stream?types=telemetry&devices=" + one.id();
        String last;
        try (var stream = stream(path, null)) {
            for (int n = 0; n < 5; n++) send(one, "{\"n\":" + n + "}");
            last = "";
            for (int n = 0; n < 3; n++) {
                last = line(stream, "id: ");
                assertThat(line(stream, "data: ")).contains("\"n\":" + n + "}");
            }
        }
        for (int n = 5; n < 8; n++) send(one, "{\"n\":" + n + "}");
        try (var stream = stream(path, last)) {
            for (int n = 3; n < 8; n++) assertThat(line(stream, "data: ")).contains("\"n\":" + n + "}");
        }
        try (var stream = stream(path, "5")) {
            assertThat(line(stream, "event: ")).isEqualTo("lagged");
        }
        assertThat(platform.asOperator("GET", path, null, "Last-Event-ID", "x").status()).isEqualTo(400);
        assertThat(platform.send("GET", path, null).status()).isEqualTo(401);
        assertThat(platform.as(two, "GET", path, null).status()).isEqualTo(404);
    }

    private static JsonNode token(String permission) {
        var made = platform.asOperator("POST", "/api/v1/tokens", "{\"name\":\"reader\",\"permissions\":[\"" + permission
                + "\"],\"expires_at\":\"+1h\"}");
        assertThat(made.status()).isEqualTo(201);
        return made.body();
    }

    @Test
    void aBatchIsTold() throws Exception {
        var bearer = "Bearer " + token("telemetry:read").path("token").asText();
        try (var reader = new Reader(true, "Authorization", "admin " + LivePlatform.TOKEN);
                var stranger = new Reader(true, "Authorization", bearer);
                var device = new Reader(true, "X-API-Key", one.key())) {
            reader.say("{\"subscribe\":{\"types\":[\"batch\"]}}").subscribed();
            for (var other : List.of(stranger, device)) {
                other.say("{\"subscribe\":{\"types\":[\"batch\"]}}");
                assertThat(other.next().path("code").asText()).isEqualTo("forbidden");
                other.say("{\"subscribe\":{}}").subscribed();
            }
            var batch = platform.asOperator("POST", "/api/v1/devices/batch", "{\"operation\":\"set_tags\","
                    + "\"devices\":[\"live-two\"],\"params\":{\"set\":{\"told\":true}}}").body();
            var event = reader.next();
            assertThat(event.path("batch_id")).isEqualTo(batch.path("id"));
            assertThat(event.path("event").asText()).isEqualTo("progress");
            assertThat(event.at("/counts/done").asInt()).isOne();
            event = reader.next();
            assertThat(event.path("event").asText() + event.path("status").asText()).isEqualTo("endeddone");
            assertThat(event.has("device_id")).isFalse();
            send(one, "{\"t\":1}");
            for (var other : List.of(stranger, device)) {
                for (var next = other.next(); !next.path("type").asText().equals("telemetry"); next = other.next()) {
                    assertThat(next.path("type").asText()).isEqualTo("device");
                }
            }
        }
    }

    @Test
    void aReaderOfGroupsHearsOfTheirDevicesOnly() throws Exception {
        var made = platform.asOperator("POST", "/api/v1/groups", "{\"name\":\"heard\"}").body();
        platform.asOperator("POST", "/api/v1/groups", "{\"name\":\"heard below\",\"parent_id\":" + made.path("id")
                + "}");
        platform.asOperator("PUT", "/api/v1/groups/heard%20below/members/live-two", null);
        try (var reader = new Reader(true, "Authorization", "admin " + LivePlatform.TOKEN)) {
            reader.say("{\"subscribe\":{\"groups\":[\"nowhere\"]}}");
            assertThat(reader.next().path("code").asText()).isEqualTo("not_found");
            reader.say("{\"subscribe\":{\"types\":[\"telemetry\",\"batch\"],\"groups\":[\"heard\"]}}").subscribed();
            var batch = platform.asOperator("POST", "/api/v1/devices/batch", "{\"operation\":\"set_tags\","
                    + "\"devices\":[\"live-one\"],\"params\":{\"set\":{\"grouped\":true}}}").body();
            TestPlatform.await(() -> platform.asOperator("GET", "/api/v1/batches/" + batch.path("id"), null).body(),
                    it -> it.path("status").asText().equals("done"));
            send(one, "{\"t\":1}");
            send(two, "{\"t\":2}");
            assertThat(reader.next().path("data").path("t").asInt()).isEqualTo(2);
            platform.asOperator("PUT", "/api/v1/groups/heard/members/live-one", null);
            send(one, "{\"t\":3}");
            assertThat(reader.next().path("data").path("t").asInt()).isEqualTo(3);
            platform.asOperator("DELETE", "/api/v1/groups/heard%20below/members/live-two", null);
            send(two, "{\"t\":4}");
            send(one, "{\"t\":5}");
            assertThat(reader.next().path("data").path("t").asInt()).isEqualTo(5);
        }
    }

    @Test
    void whoMayNotReadTelemetryHearsNothing() throws Exception {
        try (var reader = new Reader(true)) {
            reader.say(authorization("Bearer " + token("devices:read").path("token").asText()));
            assertThat(reader.say("{\"subscribe\":{}}").next().path("code").asText()).isEqualTo("forbidden");
        }
    }

    @Test
    void streamsEndWithTheirReadersCredential() throws Exception {
        var token = token("telemetry:read");
        var bearer = "Bearer " + token.path("token").asText();
        try (var stream = streamOf(bearer, "/api/v1/stream", null);
                var inHandshake = new Reader(true, "Authorization", bearer);
                var inMessage = new Reader(true);
                var another = new Reader(true, "Authorization", "admin " + LivePlatform.TOKEN)) {
            inHandshake.say("{\"subscribe\":{}}").subscribed();
            inMessage.say(authorization(bearer)).say("{\"subscribe\":{}}").subscribed();
            another.say("{\"subscribe\":{\"types\":[\"telemetry\"]}}").subscribed();
            platform.asOperator("DELETE", "/api/v1/tokens/" + token.path("id").asText(), null);
            assertThat(inHandshake.closed.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(4401);
            assertThat(inMessage.closed.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(4401);
            assertThatThrownBy(() -> {
                while (true) line(stream, "");
            }).isInstanceOf(IOException.class);
            send(one, "{\"t\":1}");
            assertThat(another.next().path("device_id").asLong()).isEqualTo(one.id());
        }
    }

    @Test
    void aWebSocketThatHearsNothingEndsWithItsDevice() throws Exception {
        var gone = platform.register("live-gone");
        try (var reader = new Reader(true, "X-API-Key", gone.key())) {
            platform.asOperator("DELETE", "/api/v1/admin/devices/" + gone.id(), null);
            assertThat(reader.closed.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(4401);
        }
    }

    @Test
    void authorizingAgainIsForTheSameReaderOnly() throws Exception {
        try (var reader = new Reader(true)) {
            reader.say(authorization("admin " + LivePlatform.TOKEN)).say("{\"subscribe\":{}}").subscribed();
            reader.say(authorization("admin " + LivePlatform.TOKEN)).subscribed();
            reader.say(authorization("apikey " + one.key()));
            assertThat(reader.closed.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(4401);
        }
    }

    private static BufferedReader stream(String path, String after) throws Exception {
        return streamOf("admin " + LivePlatform.TOKEN, path, after);
    }

    private static BufferedReader streamOf(String authorization, String path, String after) throws Exception {
        var request = HttpRequest.newBuilder(platform.uri(path)).header("Authorization", authorization);
        if (after != null) request.header("Last-Event-ID", after);
        var answer = platform.client().send(request.build(), BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        InputStream body = answer.body();
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    private static String line(BufferedReader stream, String beginning) throws IOException {
        for (var line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith(beginning)) return line.substring(beginning.length());
        }
        throw new IOException("the stream has ended");
    }
}
