package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.iotflow.acceptance.PackagedPlatform.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// MQTT through WebSocket and through TLS.
class TransportTest {
    @TempDir
    static Path folder;

    private static PackagedPlatform platform;

    @BeforeAll
    static void start() {
        platform = PackagedPlatform.start(folder.resolve("data"), "--tls-self-signed");
    }

    @AfterAll
    static void stop() {
        if (platform != null) platform.close();
    }

    private static void publishAndReadBack(Device device, Mqtt5BlockingClient client) {
        client.connectWith().simpleAuth().username(device.name())
                .password(device.key().getBytes(StandardCharsets.UTF_8)).applySimpleAuth().send();
        try {
            client.publishWith().topic("devices/" + device.name() + "/telemetry").qos(MqttQos.AT_LEAST_ONCE)
                    .payload("{\"n\":7}".getBytes(StandardCharsets.UTF_8)).send();
        } finally {
            client.disconnect();
        }
        assertThat(platform.as(device, "GET", "/api/v1/telemetry/" + device.id() + "/latest", null).json()
                .path("latest_data").path("n").asInt()).isEqualTo(7);
    }

    @Test
    void speaksThroughWebSocket() {
        publishAndReadBack(platform.register("by-websocket"), MqttClient.builder().useMqttVersion5()
                .identifier("by-websocket").serverHost("127.0.0.1").serverPort(platform.websocketPort())
                .webSocketConfig().serverPath("mqtt").applyWebSocketConfig().buildBlocking());
    }

    @Test
    void speaksThroughTls() throws Exception {
        var certificate = certificate();
        assertThat(certificate.getSubjectAlternativeNames().toString()).contains("localhost").contains("127.0.0.1");
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("platform", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        publishAndReadBack(platform.register("by-tls"), MqttClient.builder().useMqttVersion5()
                .identifier("by-tls").serverHost("localhost").serverPort(platform.tlsPort())
                .sslConfig(MqttClientSslConfig.builder().trustManagerFactory(trust).protocols(List.of("TLSv1.3"))
                        .build()).buildBlocking());
    }

    /// The commands of the page, one after the other, as a reader would paste them.
    @Test
    void theCommandsOfThePageGiveADeviceACertificateAndTakeItAway() throws Exception {
        for (var tool : List.of("openssl", "jq", "curl", "mosquitto_pub")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), tool + " is not installed");
        }
        var page = Files.readString(Path.of("..", "docs", "how-to", "use-tls.md"));
        Files.writeString(folder.resolve("data/admin-token"), PackagedPlatform.TOKEN);
        var steps = page.substring(page.indexOf("## Certificates for devices"),
                page.indexOf("### With your own authority"));
        var script = new StringBuilder("set -eu -o pipefail\nexport PATH=" + System.getProperty("java.home")
                + "/bin:$PATH\n").append(page, page.indexOf("keytool -exportcert"), page.indexOf("mosquitto_pub"));
        Pattern.compile("(?s)```sh\n(.*?)```").matcher(steps).results().forEach(step -> script.append(step.group(1)));
        script.append("! curl -sf --cacert iotflow.crt --cert renewed.crt --key device.key "
                + "https://localhost:8443/api/v1/devices/status\n");
        var said = folder.resolve("said.txt").toFile();
        var shell = new ProcessBuilder("bash", "-c", script.toString()
                .replace("localhost:8080", "localhost:" + platform.httpPort())
                .replace("localhost:8443", "localhost:" + platform.httpsPort())
                .replace("-p 8883", "-p " + platform.tlsPort()))
                .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(said).start();
        assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(() -> script + "\n" + read(said.toPath())).isZero();
        assertThat(platform.asAdmin("/api/v1/telemetry/greenhouse-9?start_time=-1h").json().path("data")
                .findValuesAsText("temperature")).containsExactlyInAnyOrder("21.9", "22.1");
        assertThat(platform.asAdmin("/api/v1/devices/greenhouse-9/certificates").json().path("certificates")
                .findValuesAsText("reason")).containsExactly("key_compromise", "null");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The certificate that the platform shows, over TLS 1.3.
    private static X509Certificate certificate() throws Exception {
        var context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", platform.tlsPort())) {
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /// Only to look at a certificate before it is trusted.
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // anybody
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // anybody
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
