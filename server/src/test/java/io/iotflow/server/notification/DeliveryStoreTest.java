package io.iotflow.server.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is kept of deliveries, counted and forgotten, while nothing is sent.
class DeliveryStoreTest {
    private static final String POLICY = "{\"actions\":[{\"type\":\"webhook\",\"url\":\"https://a.example/\"}]";

    private TestOutbox outbox;

    @BeforeEach
    void start() {
        outbox = TestOutbox.open();
        outbox.stop();
    }

    @AfterEach
    void stop() {
        outbox.close();
    }

    private void waits(String organization, int step, String held, int count) {
        outbox.database.transaction(OrganizationPath.ROOT, handle -> handle.execute("""
                INSERT INTO deliveries (organization, key, event, step, target, state, held, planned_at, due_at,
                    content, created_at)
                SELECT ?, '', 'begun', ?, 'channel:1', 'waiting', ?, now(), now(), '{}', now()
                FROM generate_series(1, ?)""", organization, step, held, count));
    }

    @Test
    void eachOrganizationAtTheTopHasRoomOfItsOwnAndWhatIsHeldHasItToo() {
        waits("/1/7/", 0, "", 2);
        waits("/1/7/9/", 0, "throttle", 1);
        waits("/1/8/", 3, "escalation", 3);
        waits("/1/8/", 0, "quiet", 2);
        var waiting = outbox.database.transaction(OrganizationPath.ROOT, new DeliveryStore()::waiting);
        assertThat(waiting).containsOnly(entry(share("/1/7/42/", 0, Policy.Held.NOT), 3L),
                entry(share("/1/8/", 1, Policy.Held.QUIET), 3L), entry(share("/1/8/", 0, Policy.Held.QUIET), 2L));
    }

    private void ended(long alert, String event, int step, String state, String age) {
        outbox.database.transaction(OrganizationPath.ROOT, handle -> handle.execute("""
                INSERT INTO deliveries (organization, alert_id, key, event, step, target, state, held, planned_at,
                    due_at, content, created_at, ended_at)
                SELECT '/1/', ?, '', ?, ?, 'channel:1', ?, '', at, at, '{}', at, at
                FROM (SELECT now() - ?::interval AS at) AS ago""", alert, event, step, state, age));
    }

    @Test
    void theBeginningOfWhatHasNotEndedIsNotForgotten() {
        ended(1, "begun", 0, "delivered", "40 days");
        ended(1, "begun", 1, "delivered", "40 days");
        ended(1, "acknowledged", 0, "delivered", "40 days");
        ended(2, "begun", 0, "delivered", "40 days");
        ended(2, "resolved", 0, "delivered", "39 days");
        ended(3, "begun", 0, "failed", "40 days");
        ended(4, "begun", 0, "delivered", "400 days");
        ended(5, "resolved", 0, "delivered", "20 days");
        var now = TestOutbox.CLOCK.instant();
        var left = outbox.database.transaction(OrganizationPath.ROOT, handle -> {
            new DeliveryStore().forget(handle, now, Limits.DELIVERIES_KEPT);
            return handle.createQuery("SELECT alert_id || ' ' || event || ' ' || step FROM deliveries ORDER BY id")
                    .mapTo(String.class).list();
        });
        assertThat(left).containsExactly("1 begun 0", "1 begun 1", "5 resolved 0");
    }

    @Test
    void whatThrottlesIsNotForgottenBecauseThereIsMuch() {
        ended(1, "begun", 0, "delivered", "3 days");
        ended(1, "resolved", 0, "delivered", "3 days");
        ended(2, "begun", 0, "delivered", "9 days");
        ended(2, "resolved", 0, "delivered", "9 days");
        ended(3, "resolved", 0, "delivered", "1 day");
        var now = TestOutbox.CLOCK.instant();
        var left = outbox.database.transaction(OrganizationPath.ROOT, handle -> {
            new DeliveryStore().forget(handle, now, 1);
            return handle.createQuery("SELECT alert_id || ' ' || event FROM deliveries ORDER BY id")
                    .mapTo(String.class).list();
        });
        assertThat(left).containsExactly("1 begun", "3 resolved");
    }

    @Test
    void whatAReceiverAnsweredIsShownToWhoSeesItsChannel() {
        var channel = new Target.OfChannel(outbox.channel("in_app", "{}").id());
        outbox.database.transaction(OrganizationPath.ROOT, handle -> handle.execute("""
                INSERT INTO deliveries (organization, key, event, step, target, kind, state, held, planned_at, due_at,
                    content, created_at, ended_at, detail, history)
                VALUES ('/1/7/', '', 'begun', 0, ?, 'email', 'failed', '', now(), now(), '{}', now(), now(),
                    'accepted by mail.internal', '[{"status": 550, "detail": "mail.internal says no"}]')""",
                channel.text()));
        assertThat(listed("/1/")).contains("accepted by mail.internal", "mail.internal says no");
        assertThat(listed("/1/7/")).contains("\"status\":550", "\"detail\":\"\"").doesNotContain("mail.internal");
    }

    private String listed(String scope) {
        return outbox.outbox().list(new OrganizationPath(scope), new DeliveryStore.Filter(null, null, null),
                new Page.Wish(0, 10)).items().getFirst().json().toString();
    }

    private static DeliveryStore.Share share(String organization, int step, Policy.Held held) {
        return DeliveryStore.Share.of(new OrganizationPath(organization), new Policy.Planned(new Target.OfChannel(1),
                step, TestOutbox.CLOCK.instant(), held));
    }

    @Test
    void aBeginningIsNotDroppedBecauseEscalationsFillTheirRoom() {
        var policy = POLICY + ",\"escalation\":[{\"after\":\"1h\",\"channels\":[1]}]}";
        outbox.notices.full(Set.of(share("/1/", 1, Policy.Held.ESCALATION), share("/1/7/", 0, Policy.Held.NOT)));
        assertThat(outbox.story(policy).begins().outcome()).containsExactly("begun 0 waiting", "begun 1 dropped");
        outbox.notices.full(Set.of(share("/1/", 0, Policy.Held.NOT)));
        assertThat(outbox.story(policy).begins().outcome()).containsExactly("begun 0 dropped", "begun 1 waiting");
    }

    @Test
    void anAttemptWhoseLeaseIsOverSpoilsNothingForTheNextOne() {
        var story = outbox.story(POLICY + "}").begins();
        var target = story.deliveries().getFirst().target().text();
        var now = TestOutbox.CLOCK.instant().plusSeconds(1);
        var store = new DeliveryStore();
        outbox.database.transaction(OrganizationPath.ROOT, handle -> {
            var late = store.claim(handle, target, 1, now, now).getFirst();
            store.claim(handle, target, 1, now, now.plusSeconds(60));
            var attempt = Json.mapper().createObjectNode();
            store.record(handle, late, "webhook", "failed", now, attempt, "late", now);
            store.release(handle, late, now);
            return null;
        });
        var delivery = story.deliveries().getFirst();
        assertThat(delivery.state()).isEqualTo("waiting");
        assertThat(delivery.dueAt()).isAfter(now.plusSeconds(50));
        outbox.database.transaction(OrganizationPath.ROOT, handle -> {
            store.record(handle, delivery, "webhook", "delivered", now,
                    Json.mapper().createObjectNode(), "", now);
            return null;
        });
        assertThat(story.outcome()).containsExactly("begun 0 delivered");
    }
}
