package io.iotflow.server.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.Severity;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What follows from a rule's words, and from failures: pure functions.
class PolicyTest {
    private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z"); // a Monday

    private static Policy policy(String json) {
        return Policy.of(TestOutbox.json(json));
    }

    private static void refused(String json, String field) {
        assertThatThrownBy(() -> policy(json)).as(json).isInstanceOfSatisfying(PlatformException.class,
                refusal -> assertThat(refusal.errors().getFirst().field()).isEqualTo(field));
    }

    @Test
    void mistakesAreNamedByTheirField() {
        refused("[]", "");
        refused("{\"actions\":3}", "actions");
        refused("{\"actions\":[3]}", "actions[0]");
        refused("{\"actions\":[{}]}", "actions[0].type");
        refused("{\"actions\":[{\"type\":\"notify\"}]}", "actions[0].channel");
        refused("{\"actions\":[{\"type\":\"notify\",\"channel\":0}]}", "actions[0].channel");
        refused("{\"actions\":[{\"type\":\"notify\",\"channel\":1.5}]}", "actions[0].channel");
        refused("{\"actions\":[{\"type\":\"notify\",\"channel\":1,\"to\":2}]}", "actions[0].to");
        refused("{\"actions\":[{\"type\":\"command\"},{\"type\":\"webhook\",\"url\":\"ftp://x\"}]}", "actions[1].url");
        refused("{\"actions\":[{\"type\":\"webhook\",\"url\":\"http://a:b@x/\"}]}", "actions[0].url");
        refused("{\"escalation\":[{\"after\":\"5m\",\"channels\":[1]},{\"channels\":[1]}]}", "escalation[1].after");
        refused("{\"escalation\":[{\"after\":\"0s\",\"channels\":[1]}]}", "escalation[0].after");
        refused("{\"escalation\":[{\"after\":\"8d\",\"channels\":[1]}]}", "escalation[0].after");
        refused("{\"escalation\":[{\"after\":\"soon\",\"channels\":[1]}]}", "escalation[0].after");
        refused("{\"escalation\":[{\"after\":\"5m\"}]}", "escalation[0].channels");
        refused("{\"escalation\":[{\"after\":\"5m\",\"channels\":[1,\"x\"]}]}", "escalation[0].channels[1]");
        refused("{\"throttle\":5}", "throttle");
        refused("{\"throttle\":\"99999999999999999999d\"}", "throttle");
        refused("{\"quiet_hours\":[]}", "quiet_hours");
        refused("{\"quiet_hours\":{\"from\":\"22:00\"}}", "quiet_hours.to");
        refused("{\"quiet_hours\":{\"from\":\"24:00\",\"to\":\"06:00\"}}", "quiet_hours.from");
        refused("{\"quiet_hours\":{\"from\":\"22:00\",\"to\":\"06:00\",\"days\":[\"monday\"]}}", "quiet_hours.days");
        refused("{\"quiet_hours\":{\"from\":\"22:00\",\"to\":\"06:00\",\"zone\":\"Berlin\"}}", "quiet_hours.zone");
        refused("{\"quiet_hours\":{\"from\":\"22:00\",\"to\":\"06:00\",\"except\":\"bad\"}}", "quiet_hours.except");
        refused("{\"quiet_hours\":{\"from\":\"22:00\",\"to\":\"22:00\"}}", "quiet_hours.to");
    }

    @Test
    void aBeginningIsToldAtOnceAndThenUpTheLadder() {
        var planned = policy("""
                {"actions":[{"type":"notify","channel":1},{"type":"notify","channel":1},{"type":"command","x":1},
                 {"type":"webhook","url":"https://a.example/x"}],
                 "escalation":[{"after":"5m","channels":[2,3]},{"after":"1h","channels":[4]}]}""")
                .begun(NOON, Severity.MAJOR, Optional.of(NOON));
        assertThat(planned).extracting(it -> it.target().text() + " " + it.step() + " "
                + Duration.between(NOON, it.due()).toMinutes() + " " + it.held()).containsExactly(
                "channel:1 0 0 NOT", "url:https://a.example/x 0 0 NOT", "channel:2 1 5 ESCALATION",
                "channel:3 1 5 ESCALATION", "channel:4 2 60 ESCALATION");
    }

    @Test
    void theThrottleMovesABeginningAndNotTheLadder() {
        var policy = policy("""
                {"actions":[{"type":"notify","channel":1}],"throttle":"10m",
                 "escalation":[{"after":"5m","channels":[2]}]}""");
        throttled(policy, Optional.empty(), 0);
        throttled(policy, Optional.of(NOON.minusSeconds(600)), 0);
        throttled(policy, Optional.of(NOON.minusSeconds(599)), 1);
        throttled(policy, Optional.of(NOON), 600);
    }

    private static void throttled(Policy policy, Optional<Instant> last, int seconds) {
        var planned = policy.begun(NOON, Severity.INFO, last);
        assertThat(planned.getFirst().due()).isEqualTo(NOON.plusSeconds(seconds));
        assertThat(planned.getLast().due()).isEqualTo(NOON.plusSeconds(300));
    }

    private static void quiet(String hours, String at, String until) {
        var quiet = QuietHours.of(SettingsFields.of("quiet_hours", TestOutbox.json(hours)));
        assertThat(quiet.release(Instant.parse(at), Severity.WARNING)).as(hours + " " + at)
                .isEqualTo(Instant.parse(until));
    }

    @Test
    void quietHoursEndWhenTheirDaysAndZoneSay() {
        var night = "{\"from\":\"22:00\",\"to\":\"06:00\"}";
        quiet(night, "2026-03-02T21:59:59Z", "2026-03-02T21:59:59Z");
        quiet(night, "2026-03-02T22:00:00Z", "2026-03-03T06:00:00Z");
        quiet(night, "2026-03-03T05:59:59Z", "2026-03-03T06:00:00Z");
        quiet(night, "2026-03-03T06:00:00Z", "2026-03-03T06:00:00Z");
        var workdays = "{\"days\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\"],\"from\":\"22:00\",\"to\":\"06:00\"}";
        quiet(workdays, "2026-03-07T05:00:00Z", "2026-03-07T06:00:00Z"); // Saturday morning belongs to Friday
        quiet(workdays, "2026-03-07T23:00:00Z", "2026-03-07T23:00:00Z");
        quiet(workdays, "2026-03-09T05:00:00Z", "2026-03-09T05:00:00Z"); // Monday morning would be Sunday's
        var weekend = "{\"days\":[\"sat\",\"sun\"],\"from\":\"00:00\",\"to\":\"00:00\"}";
        quiet(weekend, "2026-03-07T10:00:00Z", "2026-03-09T00:00:00Z");
        var berlin = "{\"from\":\"22:00\",\"to\":\"06:00\",\"zone\":\"Europe/Berlin\"}";
        quiet(berlin, "2026-01-10T21:30:00Z", "2026-01-11T05:00:00Z");
        quiet(berlin, "2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"); // the night that loses an hour
        quiet("{\"from\":\"22:00\",\"to\":\"06:00\",\"except\":\"warning\"}", "2026-03-02T23:00:00Z",
                "2026-03-02T23:00:00Z");
        quiet("{\"from\":\"22:00\",\"to\":\"06:00\",\"except\":\"critical\"}", "2026-03-02T23:00:00Z",
                "2026-03-03T06:00:00Z");
    }

    @Test
    void pausesDoubleUpToALongestAndEndWithTheAttempts() {
        pause(1, 0, 500);
        pause(1, 0.5, 750);
        pause(2, 0.5, 1_500);
        pause(3, 0, 2_000);
        pause(9, 0.5, 192_000);
        pause(19, 0, 1_800_000);
        var fresh = Duration.ZERO;
        assertThat(Retry.pause(Limits.DELIVERY_ATTEMPTS, fresh, Optional.empty(), 0.5)).isEmpty();
        assertThat(Retry.pause(1, fresh, Optional.of(Duration.ofSeconds(90)), 0.5)).contains(Duration.ofSeconds(90));
        assertThat(Retry.pause(1, fresh, Optional.of(Duration.ofDays(9)), 0.5)).contains(Limits.DELIVERY_LONGEST_WAIT);
    }

    @Test
    void aReceiverMayBeAwayForANightButNotForLongerThanADay() {
        var away = Duration.ZERO;
        for (int i = 1; i < Limits.DELIVERY_ATTEMPTS; i++) {
            away = away.plus(Retry.pause(i, away, Optional.empty(), 0).orElseThrow());
        }
        assertThat(away).isGreaterThan(Duration.ofHours(4));
        assertThat(Retry.pause(1, Limits.DELIVERY_AGE, Optional.empty(), 0)).isEmpty();
    }

    private static void pause(int attempts, double chance, long millis) {
        assertThat(Retry.pause(attempts, Duration.ZERO, Optional.empty(), chance))
                .contains(Duration.ofMillis(millis));
    }

    @Test
    void theBreakerOpensAfterFailuresInARowAndThenTriesOne() {
        var breaker = Breaker.CLOSED;
        for (int i = 1; i < Limits.BREAKER_FAILURES; i++) breaker = breaker.failed(NOON);
        assertThat(breaker.most(NOON)).isEqualTo(Limits.DELIVERIES_PER_TARGET);
        breaker = breaker.failed(NOON);
        assertThat(breaker.most(NOON)).isZero();
        var later = NOON.plus(Limits.BREAKER_TIME);
        assertThat(breaker.most(later)).isEqualTo(1);
        assertThat(breaker.failed(later).most(later)).isZero();
    }

    @Test
    void oneOrganizationHoldsNotAllOfTheRoom() {
        var room = new Room(32);
        for (int i = 0; i < 100; i++) if (room.left("7") > 0) room.take("7");
        assertThat(room.free()).as("alone it has half").isEqualTo(16);
        for (int i = 0; i < 100; i++) if (room.left("8") > 0) room.take("8");
        assertThat(room.free()).as("the next one has a quarter").isEqualTo(8);
        assertThat(room.left("7")).isNegative();
        assertThat(room.left("9")).isEqualTo(8);
        for (int i = 0; i < 16; i++) room.give("7");
        assertThat(room.free()).isEqualTo(24);
        assertThat(new Room(1).left("7")).isEqualTo(1);
    }

    @Test
    void aSlowReceiverGetsOneAtATimeUntilItIsFastAgain() {
        var lane = new Lane();
        assertThat(lane.free(NOON)).isEqualTo(Limits.DELIVERIES_PER_TARGET);
        lane.note(new Outcome.Delivered(200, ""), NOON, NOON.plus(Limits.SLOW_DELIVERY_TIME).plusMillis(1));
        assertThat(lane.free(NOON)).isEqualTo(1);
        lane.begin();
        assertThat(lane.free(NOON)).isZero();
        lane.end();
        lane.note(new Outcome.Delivered(200, ""), NOON, NOON.plusMillis(20));
        assertThat(lane.free(NOON)).isEqualTo(Limits.DELIVERIES_PER_TARGET);
    }

    @Test
    void retryAfterIsSecondsOrADate() {
        assertThat(OutsideHttp.retryAfter("120", NOON)).contains(Duration.ofMinutes(2));
        assertThat(OutsideHttp.retryAfter("Mon, 02 Mar 2026 12:01:00 GMT", NOON)).contains(Duration.ofMinutes(1));
        assertThat(OutsideHttp.retryAfter("Mon, 02 Mar 2026 11:01:00 GMT", NOON)).isEmpty();
        assertThat(OutsideHttp.retryAfter("-1", NOON)).isEmpty();
        assertThat(OutsideHttp.retryAfter("soon", NOON)).isEmpty();
    }

    @Test
    void onlyAddressesOfTheWorldArePublic() throws Exception {
        for (var address : ("8.8.8.8 100.63.0.1 100.128.0.1 168.63.129.15 172.15.0.1 172.32.0.1 192.0.1.1"
                + " 169.253.1.1 198.17.0.1").split(" ")) isPublic(address, true);
        for (var address : ("0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 168.63.129.16 169.254.169.254"
                + " 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255"
                + " 198.51.100.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255").split(" ")) isPublic(address, false);
        for (var address : "2606:4700::1111 2a00:1450:4001::1 64:ff9b::808:808 2002:808:808::1".split(" ")) {
            isPublic(address, true);
        }
        for (var address : ("::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 2001::1 3fff::1 ::ffff:127.0.0.1"
                + " ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1::1 fec0::1 100::1").split(" ")) {
            isPublic(address, false);
        }
    }

    private static void isPublic(String address, boolean expected) throws Exception {
        assertThat(Addresses.isPublic(InetAddress.getByName(address))).as(address).isEqualTo(expected);
    }
}
