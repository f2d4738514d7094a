package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.iotflow.server.TestPlatform;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What may come in at the ports before anybody has said who he is.
class PortsTest {
    private static final int CONNECTIONS = 10;
    private static final String UPGRADE = "GET /mqtt HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("mqtt.tls_self_signed=true", "mqtt.tls_port=0",
                "mqtt.max_connections=" + CONNECTIONS);
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static Socket plain() {
        return socket(platform.mqttPort());
    }

    private static Socket websocket() {
        return socket(platform.platform().mqttWebsocketPort());
    }

    private static Socket socket(int port) {
        try {
            var socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(5_000);
            return socket;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Socket tls() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());
            var plain = socket(platform.platform().mqttTlsPort());
            return context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /// How many bytes the server takes from this client before it ends the connection; 64 MiB if it does not.
    private static long takenFrom(Socket socket, String first, byte[] again) {
        var taken = new AtomicLong();
        try (socket) {
            var out = socket.getOutputStream();
            out.write(first.getBytes(US_ASCII));
            out.flush();
            while (taken.get() < 64 << 20) {
                out.write(again);
                out.flush();
                taken.addAndGet(again.length);
            }
        } catch (IOException _) {
            // ended
        }
        return taken.get();
    }

    private static byte[] chunk(int length) {
        return (Integer.toHexString(length) + "\r\n" + "x".repeat(length) + "\r\n").getBytes(US_ASCII);
    }

    @Test
    void bodyWithoutEndIsCutOffBeforeItFillsTheMemory() {
        for (var socket : new Socket[] {plain(), tls(), websocket()}) {
            assertThat(takenFrom(socket, CHUNKED, chunk(64 << 10))).as("%s", socket).isLessThan(16 << 20);
        }
    }

    @Test
    void headersWithoutEndAreCutOff() {
        var line = ("X-A: " + "x".repeat(1_000) + "\r\n").getBytes(US_ASCII);
        for (var socket : new Socket[] {plain(), tls(), websocket()}) {
            assertThat(takenFrom(socket, "GET / HTTP/1.1\r\n", line)).as("%s", socket).isLessThan(16 << 20);
        }
    }

    @Test
    void websocketIsNotSpokenOnTheOtherPorts() throws IOException {
        for (var socket : new Socket[] {plain(), tls()}) {
            try (socket) {
                socket.getOutputStream().write(UPGRADE.getBytes(US_ASCII));
                assertThat(allOf(socket.getInputStream())).as("%s", socket).isEmpty();
            }
        }
    }

    @Test
    void websocketFrameLargerThanAPacketMayBeEndsTheConnection() throws IOException {
        try (var socket = websocket()) {
            upgrade(socket);
            // A binary frame of 512 KiB, masked with zeros; what it says it is alone ends it.
            socket.getOutputStream().write(new byte[] {(byte) 0x82, (byte) 0xFF, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0});
            assertThat(allOf(socket.getInputStream())).as("a close frame: message too big")
                    .startsWith((byte) 0x88).containsSequence((byte) 0x03, (byte) 0xF1);
        }
    }

    @Test
    void textFramesAreRefused() throws IOException {
        try (var socket = websocket()) {
            upgrade(socket);
            socket.getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 0x10, 0x00});
            assertThat(allOf(socket.getInputStream())).startsWith((byte) 0x88);
        }
    }

    private static void upgrade(Socket socket) throws IOException {
        socket.getOutputStream().write(UPGRADE.getBytes(US_ASCII));
        var answer = new StringBuilder();
        while (!answer.toString().endsWith("\r\n\r\n")) answer.append((char) socket.getInputStream().read());
        assertThat(answer.toString()).startsWith("HTTP/1.1 101").containsIgnoringCase("sec-websocket-protocol: mqtt");
    }

    private static byte[] allOf(InputStream in) throws IOException {
        try {
            return in.readAllBytes();
        } catch (java.net.SocketException _) {
            return new byte[0]; // reset
        }
    }

    @Test
    void websocketCarriesPacketsUpToTheLimit() {
        var device = platform.device("large-over-websocket");
        var client = MqttClient.builder().useMqttVersion5().serverHost("127.0.0.1")
                .serverPort(platform.platform().mqttWebsocketPort()).webSocketConfig().serverPath("mqtt")
                .applyWebSocketConfig().simpleAuth().username(device.name()).password(device.key().getBytes(UTF_8))
                .applySimpleAuth().buildBlocking();
        client.connect();
        var text = "x".repeat(16_000);
        var payload = new StringBuilder("{\"n\":1");
        for (int i = 0; i < 15; i++) payload.append(",\"t").append(i).append("\":\"").append(text).append('"');
        client.publishWith().topic(device.topic("telemetry")).qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.append('}').toString().getBytes(UTF_8)).send();
        client.disconnect();
        assertThat(platform.stored(device, "n")).isEqualTo(1);
    }

    @Test
    void onlyMqttIsSpoken() throws IOException {
        for (var first : new String[] {"SSH-2.0-x\r\n", "\0\0\0\0\0\0\0\0", "c"}) {
            try (var socket = plain()) {
                socket.getOutputStream().write(first.getBytes(US_ASCII));
                assertThat(allOf(socket.getInputStream())).as(first).isEmpty();
            }
        }
    }

    /// The limit is for all ports together, and also for those who say nothing.
    @Test
    void connectionsBeyondTheLimitAreClosedAtOnce() throws IOException {
        TestPlatform.await("the others have left", () -> platform.mqttFigure("connections") == 0);
        var device = platform.device("last-to-come");
        var open = new ArrayList<Socket>();
        try {
            for (int i = 0; i < CONNECTIONS - 1; i++) open.add(i % 2 == 0 ? plain() : websocket());
            try (var client = RawMqtt.connected(platform, device, V3); var oneMore = plain()) {
                assertThat(allOf(oneMore.getInputStream())).isEmpty();
                client.send(publish(1, 1, device.topic("heartbeat"), "", ""));
                assertThat(client.packet()).isEqualTo("40020001");
            }
        } finally {
            for (var socket : open) socket.close();
        }
        TestPlatform.await("there is room again", () -> {
            try (var client = new RawMqtt(platform.mqttPort())) {
                client.send(RawMqtt.connect(V3, "x", device.name(), device.key(), 60, true));
                return client.packetOrEnd().equals("20020000");
            } catch (java.io.UncheckedIOException _) {
                return false;
            }
        });
    }
}
