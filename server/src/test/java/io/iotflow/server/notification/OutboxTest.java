package io.iotflow.server.notification;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private TestOutbox outbox;
    private Receiver receiver;
    private int numbers;

    @BeforeEach
    void start() {
        outbox = TestOutbox.open();
        receiver = Receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.close();
        outbox.close();
    }

    private String notify(Channel... channels) {
        var actions = new StringBuilder();
        for (var channel : channels) {
            actions.append(actions.isEmpty() ? "" : ",").append("{\"type\":\"notify\",\"channel\":")
                    .append(channel.id()).append('}');
        }
        return "{\"actions\":[" + actions + "]";
    }

    private String notifyHere() {
        return notify(outbox.webhook(receiver.url("/hook")));
    }

    private void awaitCalls(int count) {
        await(count + " calls, not " + receiver.got().size(), () -> receiver.got().size() >= count);
    }

    private static void awaitOutcome(TestOutbox.Story story, String... lines) {
        await(String.join(", ", lines), () -> story.outcome().equals(List.of(lines)));
    }

    @Test
    void aWebhookGetsTheAlertAsJsonAndSigned() throws Exception {
        var secret = "whsec_" + Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes());
        var channel = outbox.channel("webhook", "{\"url\":\"" + receiver.url("/hook?x=1") + "\",\"secret\":\"" + secret
                + "\",\"headers\":{\"Authorization\":\"Bearer abc\"}}");
        var story = outbox.story(notify(channel) + "}").begins();
        awaitCalls(1);
        var got = receiver.got().getFirst();
        assertThat(got.method() + " " + got.path()).isEqualTo("POST /hook?x=1");
        assertThat(got.headers()).containsEntry("authorization", "Bearer abc")
                .containsEntry("content-type", "application/json");
        assertThat(got.json().path("type").asText()).isEqualTo("alert.begun");
        assertThat(got.json().at("/data/alert_id").asLong()).isEqualTo(story.alert);
        assertThat(got.json().at("/data/message").asText()).isEqualTo("pump has 31 °C & rising");
        assertThat(got.json().at("/data/why/temperature").asInt()).isEqualTo(31);
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("0123456789abcdef0123456789abcdef".getBytes(), "HmacSHA256"));
        var signed = got.headers().get("webhook-id") + "." + got.headers().get("webhook-timestamp") + "." + got.text();
        assertThat(got.headers().get("webhook-signature")).isEqualTo("v1," + Base64.getEncoder().encodeToString(
                mac.doFinal(signed.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        awaitOutcome(story, "begun 0 delivered");
        var attempt = story.deliveries().getFirst().history().path(0);
        assertThat(attempt.path("status").asInt()).isEqualTo(200);
        assertThat(attempt.path("detail").asText()).isEqualTo("thanks");
    }

    @Test
    void cloudEventsAreStructuredAndNamedAfterWhatHappened() {
        var channel = outbox.channel("webhook", "{\"url\":\"" + receiver.url("/") + "\",\"form\":\"cloudevents\"}");
        var story = outbox.story(notify(channel) + "}").begins();
        awaitOutcome(story, "begun 0 delivered");
        story.isAcknowledged();
        awaitOutcome(story, "begun 0 delivered", "acknowledged 0 delivered");
        story.isResolved();
        awaitCalls(3);
        assertThat(receiver.got()).extracting(got -> got.json().path("type").asText()).containsExactly(
                "io.iotflow.alert.begun", "io.iotflow.alert.acknowledged", "io.iotflow.alert.resolved");
        var first = receiver.got().getFirst();
        assertThat(first.headers().get("content-type")).isEqualTo("application/cloudevents+json; charset=utf-8");
        assertThat(first.json().path("specversion").asText()).isEqualTo("1.0");
        assertThat(first.json().path("id").asText()).isEqualTo(first.headers().get("webhook-id"));
        assertThat(receiver.got().getLast().json().at("/data/resolved_at").asText()).isEqualTo("2026-03-01T10:01:00Z");
    }

    @Test
    void aRuleMayNameAUrlItself() {
        var story = outbox.story("{\"actions\":[{\"type\":\"webhook\",\"url\":\"" + receiver.url("/own") + "\"},"
                + "{\"type\":\"quarantine\"}]}").begins();
        awaitOutcome(story, "begun 0 delivered");
        assertThat(receiver.got().getFirst().headers()).doesNotContainKey("webhook-signature");
    }

    @Test
    void whatFailsIsTriedAgainUnderTheSameNumber() {
        receiver.answers(503, "later");
        var story = outbox.story(notifyHere() + "}").begins();
        awaitCalls(1);
        receiver.answers(204, "");
        awaitOutcome(story, "begun 0 delivered");
        assertThat(receiver.got()).extracting(got -> got.headers().get("webhook-id")).hasSizeGreaterThan(1)
                .containsOnly(story.deliveries().getFirst().messageId());
        assertThat(story.deliveries().getFirst().history()).extracting(it -> it.path("status").asInt())
                .startsWith(503).endsWith(204);
    }

    @Test
    void aRefusalIsFinal() {
        receiver.answers(410, "gone");
        var story = outbox.story(notifyHere() + "}").begins();
        awaitOutcome(story, "begun 0 failed");
        assertThat(receiver.got()).hasSize(1);
        assertThat(story.deliveries().getFirst().detail()).isEqualTo("gone");
    }

    @Test
    void whoHeardNothingOfTheBeginningHearsNothingOfTheEnd() {
        receiver.answers(404, "");
        var story = outbox.story(notifyHere() + "}").begins();
        awaitOutcome(story, "begun 0 failed");
        story.isResolved();
        assertThat(story.outcome()).containsExactly("begun 0 failed");
    }

    @Test
    void redirectsLeadNowhere() {
        receiver.answers(302, "", "Location", receiver.url("/elsewhere"));
        var story = outbox.story(notifyHere() + "}").begins();
        awaitOutcome(story, "begun 0 failed");
        assertThat(receiver.got()).hasSize(1);
        assertThat(story.deliveries().getFirst().detail()).contains("redirects are not followed");
    }

    @Test
    void theReceiverMayAskForAPause() {
        receiver.answers(429, "slowly", "Retry-After", "120");
        var story = outbox.story(notifyHere() + "}").begins();
        await("one attempt", () -> story.deliveries().getFirst().history().size() == 1);
        var delivery = story.deliveries().getFirst();
        assertThat(delivery.state()).isEqualTo("waiting");
        assertThat(delivery.dueAt()).isBetween(delivery.createdAt().plusSeconds(119),
                delivery.createdAt().plusSeconds(140));
    }

    @Test
    void longAnswersAreNotReadToTheirEnd() {
        receiver.answers(200, "x".repeat(1 << 20));
        var story = outbox.story(notifyHere() + "}").begins();
        awaitOutcome(story, "begun 0 delivered");
        assertThat(story.deliveries().getFirst().detail()).hasSize(Limits.DELIVERY_DETAIL_CHARACTERS);
    }

    @Test
    void aSlowReceiverDelaysNobodyElse() {
        var gate = new CountDownLatch(1);
        try (var slow = Receiver.slow(gate)) {
            var stuck = notify(outbox.webhook(slow.url("/"))) + "}";
            for (int i = 0; i < 20; i++) outbox.story(stuck).begins();
            await("the slow one is busy", () -> slow.got().size() == Limits.DELIVERIES_PER_TARGET);
            var began = System.nanoTime();
            awaitOutcome(outbox.story(notifyHere() + "}").begins(), "begun 0 delivered");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
            assertThat(slow.got()).hasSize(Limits.DELIVERIES_PER_TARGET);
        }
    }

    @Test
    void anOrganizationWithManySlowReceiversDelaysNoOther() {
        var gate = new CountDownLatch(1);
        try (var slow = Receiver.slow(gate)) {
            outbox.stop();
            for (int i = 0; i < 10; i++) {
                outbox.database.transaction(OrganizationPath.ROOT, handle -> handle.execute("""
                        INSERT INTO deliveries (organization, key, event, step, target, state, held, planned_at,
                            due_at, content, created_at, alert_id)
                        SELECT '/1/7/', '', 'begun', 0, ?, 'waiting', '', now(), now(), '{}', now(), n
                        FROM generate_series(1, 4) AS n""", "url:" + slow.url("/" + number())));
            }
            outbox.start();
            await("all of its share is taken", () -> slow.got().size() == 16);
            awaitOutcome(outbox.story(notifyHere() + "}").begins(), "begun 0 delivered");
            assertThat(slow.got()).hasSize(16);
        }
    }

    private int number() {
        return numbers++;
    }

    @Test
    void whoFailsAgainAndAgainIsLeftAlone() {
        receiver.answers(500, "");
        var policy = notifyHere() + "}";
        for (int i = 0; i < 20; i++) outbox.story(policy).begins();
        awaitCalls(Limits.BREAKER_FAILURES);
        // Those that were under way when it opened.
        var most = Limits.BREAKER_FAILURES + Limits.DELIVERIES_PER_TARGET - 1;
        var other = outbox.story(notify(outbox.channel("in_app", "{}")) + "}").begins();
        awaitOutcome(other, "begun 0 delivered");
        assertThat(receiver.got().size()).isLessThanOrEqualTo(most);
    }

    @Test
    void whatWasNotDeliveredIsDeliveredAfterARestart() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        var story = outbox.story(notify(outbox.webhook("http://127.0.0.1:" + port + "/")) + "}").begins();
        await("an attempt", () -> !story.deliveries().getFirst().history().isEmpty());
        outbox.stop();
        var id = story.deliveries().getFirst().messageId();
        try (var live = Receiver.at(port)) {
            outbox.start();
            awaitOutcome(story, "begun 0 delivered");
            assertThat(live.got()).extracting(got -> got.headers().get("webhook-id")).containsExactly(id);
        }
    }

    @Test
    void whatADeadNodeHadTakenIsTakenAgain() {
        outbox.stop();
        var story = outbox.story(notifyHere() + "}").begins();
        var now = TestOutbox.CLOCK.instant();
        var target = story.deliveries().getFirst().target().text();
        // As if it had died in the middle: taken, and its lease is over.
        outbox.database.transaction(OrganizationPath.ROOT, handle -> new DeliveryStore().claim(handle,
                target, 1, now, now));
        outbox.start();
        awaitOutcome(story, "begun 0 delivered");
        assertThat(story.deliveries().getFirst().attempts()).isEqualTo(2);
    }

    @Test
    void noMoreIsTakenThanThereIsRoomFor() {
        outbox.stop();
        var policy = notifyHere() + "}";
        for (int i = 0; i < 30; i++) outbox.story(policy).begins();
        var now = TestOutbox.CLOCK.instant();
        var target = outbox.story(policy).begins().deliveries().getFirst().target().text();
        for (int i = 0; i < 5; i++) {
            var taken = outbox.database.transaction(OrganizationPath.ROOT, handle -> new DeliveryStore().claim(handle,
                    target, 3, now.plusSeconds(1), now.plusSeconds(60)));
            assertThat(taken).hasSize(3);
        }
    }

    @Test
    void twoNodesShareTheWork() {
        try (var other = TestOutbox.joining()) {
            var policy = notifyHere() + "}";
            for (int i = 0; i < 50; i++) outbox.story(policy).begins();
            await("all", () -> receiver.got().size() == 50 && other.outbox().delivered()
                    + outbox.outbox().delivered() == 50);
            assertThat(receiver.got()).extracting(got -> got.headers().get("webhook-id")).doesNotHaveDuplicates();
        }
    }

    @Test
    void nothingIsToldWhenTheTransactionFails() {
        var story = outbox.story(notifyHere() + "}");
        try {
            outbox.database.transaction(OrganizationPath.ROOT, handle -> {
                outbox.notices.tell(handle, story.notice(Notice.Kind.BEGUN));
                throw new IllegalStateException("undone");
            });
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("undone");
        }
        assertThat(story.outcome()).isEmpty();
    }

    @Test
    void nobodyIsCalledAtPrivateAddresses() {
        outbox.stop();
        try (var cautious = TestOutbox.cautious()) {
            for (var host : List.of("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433",
                    "0.0.0.0")) {
                var story = cautious.story("{\"actions\":[{\"type\":\"webhook\",\"url\":\"http://" + host + ":"
                        + receiver.port() + "/\"}]}").begins();
                await(host, () -> story.outcome().equals(List.of("begun 0 failed")));
                assertThat(story.deliveries().getFirst().detail()).as(host).contains("not at a public address");
            }
        }
        assertThat(receiver.got()).isEmpty();
    }

    @Test
    void theLadderIsClimbedUntilSomebodyAcknowledges() {
        var second = outbox.webhook(receiver.url("/second"));
        var third = outbox.webhook(receiver.url("/third"));
        var story = outbox.story(notifyHere() + ",\"escalation\":[{\"after\":\"1s\",\"channels\":[" + second.id()
                + "]},{\"after\":\"1h\",\"channels\":[" + third.id() + "]}]}").begins();
        awaitOutcome(story, "begun 0 delivered", "begun 1 delivered", "begun 2 waiting");
        assertThat(receiver.got()).extracting(Receiver.Got::path).containsExactly("/hook", "/second");
        assertThat(receiver.got().getLast().json().path("escalation").asInt()).isEqualTo(1);
        story.isAcknowledged();
        assertThat(story.outcome()).startsWith("begun 0 delivered", "begun 1 delivered", "begun 2 cancelled");
        story.isResolved();
        await("both hear of the end", () -> story.outcome().stream().filter("resolved 0 delivered"::equals)
                .count() == 2);
    }

    @Test
    void anAlertThatFollowsTooSoonIsHeldBackAndCounted() {
        var first = outbox.story(notifyHere() + ",\"throttle\":\"1h\"}").begins();
        awaitOutcome(first, "begun 0 delivered");
        first.isResolved();
        var second = first.next().begins();
        assertThat(second.outcome()).containsExactly("begun 0 waiting");
        assertThat(second.deliveries().getFirst().held()).isEqualTo("throttle");
        second.isResolved();
        assertThat(second.outcome()).isEmpty();
        assertThat(first.deliveries().getLast().suppressed()).isEqualTo(1);
        awaitOutcome(first, "begun 0 delivered", "resolved 0 delivered");
        assertThat(receiver.got()).hasSize(2);
    }

    @Test
    void anAlertThatStaysIsToldWhenTheThrottleAllows() {
        var first = outbox.story(notifyHere() + ",\"throttle\":\"1s\"}").begins();
        awaitOutcome(first, "begun 0 delivered");
        var second = first.next().begins();
        awaitOutcome(second, "begun 0 delivered");
        assertThat(second.deliveries().getFirst().plannedAt())
                .isEqualTo(first.deliveries().getFirst().plannedAt().plusSeconds(1));
    }

    private static String quietNow(String more) {
        var now = LocalTime.now(ZoneOffset.UTC);
        return ",\"quiet_hours\":{\"from\":\"" + now.minusHours(1).toString().substring(0, 5) + "\",\"to\":\""
                + now.plusHours(2).toString().substring(0, 5) + "\"" + more + "}}";
    }

    @Test
    void inQuietHoursNothingIsToldAndWhatEndsInThemNever() {
        var story = outbox.story(notifyHere() + quietNow("")).begins();
        assertThat(story.outcome()).containsExactly("begun 0 waiting");
        assertThat(story.deliveries().getFirst().held()).isEqualTo("quiet");
        story.isResolved();
        assertThat(story.outcome()).containsExactly("begun 0 dropped");
        assertThat(story.deliveries().getFirst().detail()).isEqualTo("resolved in quiet hours");
    }

    @Test
    void whatIsBadEnoughIsToldInQuietHoursToo() {
        awaitOutcome(outbox.story(notifyHere() + quietNow(",\"except\":\"major\"")).begins(), "begun 0 delivered");
    }

    @Test
    void aDeletedChannelEndsWhatWaitsForIt() {
        var channel = outbox.webhook(receiver.url("/"));
        outbox.channels.remove(io.iotflow.server.core.Actor.PLATFORM, channel.id(), java.util.OptionalLong.empty());
        var story = outbox.story(notify(channel) + "}").begins();
        awaitOutcome(story, "begun 0 failed");
        assertThat(story.deliveries().getFirst().detail()).isEqualTo("the channel was deleted");
    }

    @Test
    void fromCommitToReceiverTakesMilliseconds() {
        var policy = notifyHere() + "}";
        awaitOutcome(outbox.story(policy).begins(), "begun 0 delivered");
        var best = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            var before = receiver.got().size();
            var began = System.nanoTime();
            var story = outbox.story(policy).begins();
            awaitCalls(before + 1);
            best = Math.min(best, System.nanoTime() - began);
            awaitOutcome(story, "begun 0 delivered");
        }
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(250));
    }
}
