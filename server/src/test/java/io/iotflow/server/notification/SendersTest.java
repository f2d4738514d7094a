package io.iotflow.server.notification;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.iotflow.server.certificate.TestAuthority;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.core.Limits;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.net.ConnectException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each kind of channel against the real thing, or what comes nearest to it on loopback.
class SendersTest {
    private TestOutbox outbox;
    private Receiver receiver;
    private GreenMail mail;

    @BeforeEach
    void start() {
        outbox = TestOutbox.open();
        receiver = Receiver.start();
    }

    @AfterEach
    void stop() {
        if (mail != null) mail.stop();
        receiver.close();
        outbox.close();
    }

    private int startMail() {
        return startMail(0);
    }

    private int startMail(int port) {
        mail = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mail.start();
        return mail.getSmtp().getPort();
    }

    private static String settings(int port, String more) {
        return "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"security\":\"none\","
                + "\"from\":\"IoTFlow <iot@example.org>\","
                + "\"to\":[\"anna@example.org\",\"Bert <bert@example.org>\"]" + more + "}";
    }

    private TestOutbox.Story story(Channel channel) {
        return outbox.story("{\"actions\":[{\"type\":\"notify\",\"channel\":" + channel.id() + "}]}");
    }

    private static void awaitOutcome(TestOutbox.Story story, String... lines) {
        await(String.join(", ", lines), () -> story.outcome().equals(List.of(lines)));
    }

    @Test
    void mailComesAsTextAndHtmlToAllRecipients() throws Exception {
        var story = story(outbox.channel("email", settings(startMail(), ""))).begins();
        awaitOutcome(story, "begun 0 delivered");
        var got = mail.getReceivedMessages();
        assertThat(got).hasSize(2);
        var message = got[0];
        assertThat(message.getSubject()).isEqualTo("[MAJOR] Too hot: pump <1>");
        assertThat(message.getFrom()[0]).hasToString("IoTFlow <iot@example.org>");
        assertThat(message.getAllRecipients()).extracting(Object::toString)
                .containsExactly("anna@example.org", "Bert <bert@example.org>");
        assertThat(message.getMessageID()).isEqualTo("<" + story.deliveries().getFirst().messageId() + "@iotflow>");
        assertThat(part(message, 0)).startsWith("pump has 31 °C & rising").contains("Device: pump <1>")
                .contains("Since: 2026-03-01T10:00:00Z");
        assertThat(part(message, 1)).contains("<p>pump has 31 °C &amp; rising</p>").contains("pump &lt;1&gt;")
                .doesNotContain("pump <1>");
    }

    private static String part(MimeMessage message, int number) throws Exception {
        return ((MimeMultipart) message.getContent()).getBodyPart(number).getContent().toString();
    }

    @Test
    void aMailServerThatIsAwayIsTriedAgain() {
        var port = startMail();
        mail.stop();
        var story = story(outbox.channel("email", settings(port, ""))).begins();
        await("an attempt", () -> !story.deliveries().getFirst().history().isEmpty());
        assertThat(story.outcome()).containsExactly("begun 0 waiting");
        startMail(port);
        awaitOutcome(story, "begun 0 delivered");
    }

    @Test
    void mailWhoseServerDoesNotEncryptIsNotSentWhereThatIsWanted() {
        var settings = settings(startMail(), "").replace("\"none\"", "\"starttls\"");
        var tested = outbox.outbox().test(Actor.PLATFORM, outbox.channel("email", settings));
        assertThat(tested.outcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(tested.outcome().detail()).containsIgnoringCase("STARTTLS");
        assertThat(mail.getReceivedMessages()).isEmpty();
    }

    @Test
    void aMailServerThatIsNeverReachedIsGivenUpInTime() throws Exception {
        // Its queue is full: who comes after that waits.
        try (var server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                var first = new Socket(server.getInetAddress(), server.getLocalPort());
                var second = new Socket(server.getInetAddress(), server.getLocalPort());
                var scheduler = Executors.newSingleThreadScheduledExecutor()) {
            var mail = new Mail(new Addresses(true), SSLContext.getDefault(), scheduler, Duration.ofMillis(300));
            var began = System.nanoTime();
            var outcome = mail.send(email(server.getLocalPort()), null);
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            assertThat(outcome).isInstanceOf(Outcome.Failed.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void ofManyAddressesOfAMailServerOnlyTheFirstAreTried() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.9"))) {
            var all = new InetAddress[Limits.DELIVERY_ADDRESSES + 1];
            Arrays.fill(all, InetAddress.getByName("127.0.0.8"));
            all[Limits.DELIVERY_ADDRESSES - 1] = server.getInetAddress();
            var line = new Mail.Line(Duration.ofSeconds(5));
            try (var socket = line.connect(all, "mail", server.getLocalPort())) {
                assertThat(socket.isConnected()).isTrue();
            }
            all[Limits.DELIVERY_ADDRESSES - 1] = all[0];
            all[Limits.DELIVERY_ADDRESSES] = server.getInetAddress();
            assertThatThrownBy(() -> line.connect(all, "mail", server.getLocalPort()))
                    .isInstanceOf(ConnectException.class);
        }
    }

    private static ChannelSettings.Email email(int port) {
        return new ChannelSettings.Email("127.0.0.1", port, ChannelSettings.Email.Security.NONE, Optional.empty(),
                Optional.empty(), "iot@example.org", List.of("anna@example.org"));
    }

    @Test
    void whatAMailServerRefusesForGoodIsNotTriedAgain() {
        try (var server = new PickySmtp()) {
            var all = settings(server.port(), "");
            assertThat(sentTo(all, "550@example.org")).isInstanceOf(Outcome.Refused.class)
                    .extracting(Outcome::status).isEqualTo(550);
            assertThat(sentTo(all, "450@example.org")).isInstanceOf(Outcome.Failed.class)
                    .extracting(Outcome::status).isEqualTo(450);
            for (var both : List.of("550@example.org\",\"450@example.org", "450@example.org\",\"550@example.org")) {
                assertThat(sentTo(all, both)).isInstanceOf(Outcome.Failed.class)
                        .extracting(Outcome::status).isEqualTo(450);
            }
            assertThat(server.messages()).isEmpty();
        }
    }

    @Test
    void oneWrongAddressKeepsNobodyElseFromHearingOfIt() {
        try (var server = new PickySmtp()) {
            var outcome = sentTo(settings(server.port(), ""), "550@example.org\",\"anna@example.org");
            assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
            assertThat(outcome.detail()).contains("but not for 550@example.org").doesNotContain("anna");
            assertThat(server.messages()).hasSize(1);
        }
    }

    private Outcome sentTo(String settings, String addresses) {
        return outbox.outbox().test(Actor.PLATFORM, outbox.channel("email", settings.replaceAll("\"to\":\\[.*]",
                "\"to\":[\"" + addresses + "\"]"))).outcome();
    }

    @Test
    void mailDoesNotGoToPrivateAddresses() {
        var port = startMail();
        outbox.stop();
        try (var cautious = TestOutbox.cautious()) {
            for (var host : List.of("127.0.0.1", "localhost", "::1")) {
                for (var security : List.of("none", "starttls", "tls")) {
                    var tested = cautious.outbox().test(Actor.PLATFORM, cautious.channel("email", settings(port, "")
                            .replace("127.0.0.1", host).replace("\"none\"", "\"" + security + "\"")));
                    assertThat(tested.outcome()).as(host).isInstanceOf(Outcome.Refused.class);
                    assertThat(tested.outcome().detail()).contains("not at a public address");
                }
            }
        }
        assertThat(mail.getReceivedMessages()).isEmpty();
    }

    /// A mail server and a web server whose certificate for `localhost` is of an authority of its own.
    @Test
    void overTlsTheServerMustBeWhoItSaysItIs(@TempDir Path folder) throws Exception {
        var authority = new TestAuthority("authority");
        var authorities = Files.write(folder.resolve("authority.der"), authority.certificate.getEncoded());
        var keys = TestAuthority.pair("RSA");
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", keys.getPrivate(), "secret".toCharArray(), new Certificate[] {
            authority.issue("localhost", keys.getPublic(), Duration.ofDays(-1), Duration.ofDays(1),
                    KeyPurposeId.id_kp_serverAuth)});
        try (var out = Files.newOutputStream(folder.resolve("keys.p12"))) {
            store.store(out, "secret".toCharArray());
        }
        System.setProperty("greenmail.tls.keystore.file", folder.resolve("keys.p12").toString());
        System.setProperty("greenmail.tls.keystore.password", "secret");
        mail = new GreenMail(new ServerSetup[] {new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP),
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS)});
        mail.start();
        mail.setUser("iot@example.org", "iot", "right");
        var login = ",\"username\":\"iot\",\"password\":\"right\"";
        var tls = settings(mail.getSmtps().getPort(), login).replace("\"none\"", "\"tls\"");
        var named = tls.replace("127.0.0.1", "localhost");
        untrusted(outbox.outbox().test(Actor.PLATFORM, outbox.channel("email", named)));
        outbox.close();
        try (var trusting = TestOutbox.trusting(authorities)) {
            untrusted(trusting.outbox().test(Actor.PLATFORM, trusting.channel("email", tls)));
            assertThat(mail.getReceivedMessages()).isEmpty();
            var well = trusting.outbox().test(Actor.PLATFORM, trusting.channel("email", named));
            assertThat(well.outcome()).isInstanceOf(Outcome.Delivered.class);
            var wrong = trusting.outbox().test(Actor.PLATFORM,
                    trusting.channel("email", named.replace("right", "wrong")));
            assertThat(wrong.outcome()).isInstanceOf(Outcome.Refused.class);
            assertThat(wrong.outcome().detail()).contains("does not let us in").doesNotContain("wrong");
        }
        assertThat(mail.getReceivedMessages()).hasSize(2);
    }

    private static void untrusted(Outbox.Tested tested) {
        assertThat(tested.outcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(tested.outcome().detail()).startsWith("TLS: ");
    }

    @Test
    void webServersMustBeWhoTheySayTheyAreToo(@TempDir Path folder) throws Exception {
        var authority = new TestAuthority("authority");
        var authorities = Files.write(folder.resolve("authority.der"), authority.certificate.getEncoded());
        var keys = TestAuthority.pair("EC");
        var certificate = authority.issue("localhost", keys.getPublic(), Duration.ofDays(-1), Duration.ofDays(1),
                KeyPurposeId.id_kp_serverAuth);
        outbox.close();
        try (var server = Receiver.tls(keys.getPrivate(), certificate);
                var trusting = TestOutbox.trusting(authorities)) {
            untrusted(trusting.outbox().test(Actor.PLATFORM,
                    trusting.webhook("https://127.0.0.1:" + server.port() + "/")));
            var well = trusting.outbox().test(Actor.PLATFORM,
                    trusting.webhook("https://localhost:" + server.port() + "/"));
            assertThat(well.outcome()).isEqualTo(new Outcome.Delivered(200, "thanks"));
        }
    }

    @Test
    void aSubjectIsOneLineWhateverDevicesAreCalled() {
        assertThat(Texts.line("a\r\nBcc: eve@example.org\u2028x")).isEqualTo("a  Bcc: eve@example.org x");
    }

    @Test
    void whoHasAcceptedAndThenBreaksOffHasAccepted() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Thread.startVirtualThread(() -> {
                try (var socket = server.accept()) {
                    socket.getInputStream().read(new byte[4_096]);
                    socket.getOutputStream().write("HTTP/1.1 202 Fine\r\nContent-Length: 999\r\n\r\nbeg"
                            .getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            var tested = outbox.outbox().test(Actor.PLATFORM,
                    outbox.webhook("http://127.0.0.1:" + server.getLocalPort() + "/"));
            assertThat(tested.outcome()).isInstanceOf(Outcome.Delivered.class)
                    .extracting(Outcome::status).isEqualTo(202);
        }
    }

    @Test
    void slackGetsTextAndBlocksWithoutMarkupOfTheDevices() {
        var channel = outbox.channel("chat", "{\"form\":\"slack\",\"url\":\"" + receiver.url("/services/T/B/x")
                + "\"}");
        awaitOutcome(story(channel).begins(), "begun 0 delivered");
        var got = receiver.got().getFirst().json();
        assertThat(got.path("text").asText())
                .isEqualTo("[MAJOR] Too hot: pump &lt;1&gt;: pump has 31 °C &amp; rising");
        assertThat(got.at("/blocks/0/text/text").asText()).isEqualTo("[MAJOR] Too hot: pump <1>");
        assertThat(got.at("/blocks/1/text/text").asText()).isEqualTo("pump has 31 °C & rising");
        assertThat(got.path("blocks")).extracting(it -> it.findValue("type").asText()).hasSize(3);
        assertThat(got.toString()).doesNotContain("mrkdwn");
    }

    @Test
    void slackGetsNoEmptySection() {
        var now = TestOutbox.CLOCK.instant();
        var content = Json.mapper().createObjectNode().put("rule_name", "r").put("device_name", "d")
                .put("severity", "major").put("message", " ");
        var delivery = new Delivery(1, OrganizationPath.ROOT, UUID.randomUUID(), Optional.of(1L), "begun", 0,
                new Target.OfChannel(1), Optional.empty(), "waiting", "", now, now, 1,
                Json.mapper().createArrayNode(), "", 0, content, now, Optional.empty());
        assertThat(Payloads.slack(delivery).path("blocks")).extracting(it -> it.path("type").asText())
                .containsExactly("header", "context");
    }

    @Test
    void teamsGetsAnAdaptiveCard() {
        var channel = outbox.channel("chat", "{\"form\":\"teams\",\"url\":\"" + receiver.url("/workflows/1") + "\"}");
        awaitOutcome(story(channel).begins(), "begun 0 delivered");
        var card = receiver.got().getFirst().json().at("/attachments/0");
        assertThat(card.path("contentType").asText()).isEqualTo("application/vnd.microsoft.card.adaptive");
        assertThat(card.at("/content/type").asText()).isEqualTo("AdaptiveCard");
        assertThat(card.at("/content/body/1/text").asText()).isEqualTo("pump has 31 °C & rising");
        assertThat(card.at("/content/body/2/facts/0/title").asText()).isEqualTo("Device");
    }

    @Test
    void smsGoesThroughAnyGatewayThatSpeaksHttp() {
        var json = outbox.channel("sms", "{\"url\":\"" + receiver.url("/send")
                + "\",\"method\":\"POST\",\"to\":\"+491\","
                + "\"body\":\"{\\\"to\\\":\\\"{to}\\\",\\\"body\\\":\\\"{text}\\\"}\",\"headers\":{\"X-Key\":\"k\"}}");
        awaitOutcome(story(json).begins(), "begun 0 delivered");
        var got = receiver.got().getFirst();
        assertThat(got.headers()).containsEntry("x-key", "k");
        assertThat(got.json().path("to").asText()).isEqualTo("+491");
        assertThat(got.json().path("body").asText()).isEqualTo("[MAJOR] Too hot: pump <1>: pump has 31 °C & rising");
        var form = outbox.channel("sms", "{\"url\":\"" + receiver.url("/sms?to={to}&text={text}")
                + "\",\"method\":\"GET\",\"to\":\"+49 1\"}");
        awaitOutcome(story(form).begins(), "begun 0 delivered");
        assertThat(receiver.got().getLast().path())
                .startsWith("/sms?to=%2B49%201&text=%5BMAJOR%5D%20Too%20hot").endsWith("%26%20rising");
    }

    @Test
    void aTopicBelongsToItsChannelsOrganization() {
        var story = story(outbox.channel("mqtt", "{\"topic\":\"cooling/urgent\"}")).begins();
        awaitOutcome(story, "begun 0 delivered");
        assertThat(outbox.published).hasSize(1);
        assertThat(outbox.published.getFirst()).startsWith("iotflow/alerts/1/cooling/urgent {\"id\":\"msg_");
    }
}
