package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// All SQL about the outbox. Stateless; the caller holds the connection and the transaction.
final class DeliveryStore {
    private static final String UNTOLD = "attempts = 0 AND due_at > :now";

    /// @param isTooMuch nobody is told, and the row says so
    void insert(Handle handle, Notice notice, Policy.Planned planned, ObjectNode content, boolean isTooMuch,
            Instant now) {
        handle.createUpdate("""
                INSERT INTO deliveries (organization, device_id, alert_id, rule_id, key, event, step, target, state,
                                        held, planned_at, due_at, content, created_at, ended_at, detail)
                VALUES (:organization, :device, :alert, :rule, :key, :event, :step, :target, :state, :held, :due,
                        :due, :content::jsonb, :now, :ended, :detail)""")
                .bind("organization", notice.organization().text()).bind("device", notice.device().value())
                .bind("alert", notice.alert()).bind("rule", notice.rule()).bind("key", notice.key())
                .bind("event", notice.kind().word()).bind("step", planned.step())
                .bind("target", planned.target().text()).bind("state", isTooMuch ? "dropped" : "waiting")
                .bind("held", planned.held().word()).bind("due", utc(planned.due()))
                .bind("content", content.toString()).bind("now", utc(now)).bind("ended", isTooMuch ? utc(now) : null)
                .bind("detail", isTooMuch ? "too many deliveries wait already" : "").execute();
    }

    /// What a test told; it has been sent already.
    void insertTest(Handle handle, Delivery test, Outcome outcome, String kind, Instant now) {
        handle.createUpdate("""
                INSERT INTO deliveries (organization, message, key, event, step, target, kind, state, held, planned_at,
                                        due_at, attempts, history, content, created_at, ended_at, detail)
                VALUES (:organization, :message, '', 'test', 0, :target, :kind, :state, '', :now, :now, 1,
                        :history::jsonb, :content::jsonb, :now, :now, :detail)""")
                .bind("organization", test.organization().text()).bind("message", test.message())
                .bind("target", test.target().text()).bind("kind", kind)
                .bind("state", outcome instanceof Outcome.Delivered ? "delivered" : "failed")
                .bind("history", test.history().toString()).bind("content", test.content().toString())
                .bind("now", utc(now)).bind("detail", outcome.detail()).execute();
    }

    /// When the latest beginning for the same rule, device and key was told, or is to be.
    Optional<Instant> lastTold(Handle handle, Notice notice) {
        return handle.createQuery("""
                SELECT max(planned_at) AS last FROM deliveries
                WHERE rule_id = :rule AND device_id = :device AND key = :key AND event = 'begun' AND step = 0
                    AND state IN ('waiting', 'delivered')""")
                .bind("rule", notice.rule()).bind("device", notice.device().value()).bind("key", notice.key())
                .map((row, _) -> optional(row, "last")).one();
    }

    /// The rungs of the ladder that were not reached are not needed any more.
    void cancelEscalation(Handle handle, long alert, String why, Instant now) {
        handle.createUpdate("""
                UPDATE deliveries SET state = 'cancelled', ended_at = :now, detail = :why
                WHERE alert_id = :alert AND step > 0 AND state = 'waiting'""")
                .bind("alert", alert).bind("why", why).bind("now", utc(now)).execute();
    }

    /// What quiet hours have held back until the end of its alert is not told any more.
    void dropHeld(Handle handle, long alert, Instant now) {
        handle.createUpdate("""
                UPDATE deliveries SET state = 'dropped', ended_at = :now, detail = 'resolved in quiet hours'
                WHERE alert_id = :alert AND held = 'quiet' AND state = 'waiting' AND\s""" + UNTOLD)
                .bind("alert", alert).bind("now", utc(now)).execute();
    }

    /// What the throttle has held back until the end of its alert is counted with what was told last, and forgotten.
    void suppressHeld(Handle handle, Notice notice, Instant now) {
        var gone = handle.createUpdate("DELETE FROM deliveries WHERE alert_id = :alert AND held = 'throttle'"
                + " AND state = 'waiting' AND " + UNTOLD).bind("alert", notice.alert()).bind("now", utc(now)).execute();
        if (gone == 0) return;
        handle.createUpdate("""
                UPDATE deliveries SET suppressed = suppressed + 1
                WHERE event = 'begun' AND step = 0 AND alert_id = (
                    SELECT alert_id FROM deliveries
                    WHERE rule_id = :rule AND device_id = :device AND key = :key AND event = 'begun' AND step = 0
                        AND state IN ('waiting', 'delivered')
                    ORDER BY planned_at DESC, id DESC LIMIT 1)""")
                .bind("rule", notice.rule()).bind("device", notice.device().value()).bind("key", notice.key())
                .execute();
    }

    /// Who has heard, or is about to hear, that the alert began.
    ///
    /// @param programsOnly webhooks and topics, no people
    List<Target> told(Handle handle, long alert, boolean programsOnly) {
        return handle.createQuery("""
                SELECT DISTINCT target FROM deliveries
                WHERE alert_id = :alert AND event = 'begun' AND state IN ('waiting', 'delivered')
                    AND (NOT :programsOnly OR kind IN ('webhook', 'mqtt'))""")
                .bind("alert", alert).bind("programsOnly", programsOnly)
                .map((row, _) -> Target.of(row.getString("target"))).list();
    }

    /// Something is due for a target.
    ///
    /// @param organization whose the first of it is
    record Due(String target, OrganizationPath organization) {}

    /// For whom something is due: one step along an index for each receiver, however much waits.
    List<Due> dueTargets(Handle handle, Instant now) {
        // What waits comes and goes faster than PostgreSQL counts it: it takes the index for needless.
        handle.execute("SET LOCAL enable_sort = off");
        handle.execute("SET LOCAL enable_bitmapscan = off");
        return handle.createQuery("""
                WITH RECURSIVE due (target) AS (
                    (SELECT target FROM deliveries WHERE state = 'waiting' ORDER BY target LIMIT 1)
                    UNION ALL
                    SELECT (SELECT d.target FROM deliveries d WHERE d.state = 'waiting' AND d.target > due.target
                            ORDER BY d.target LIMIT 1)
                    FROM due WHERE due.target IS NOT NULL)
                SELECT due.target, first.organization FROM due, LATERAL (
                    SELECT d.due_at, d.organization FROM deliveries d WHERE d.state = 'waiting'
                        AND d.target = due.target ORDER BY d.due_at LIMIT 1) AS first
                WHERE due.target IS NOT NULL AND :now >= first.due_at""")
                .bind("now", utc(now)).map((row, _) -> new Due(row.getString("target"),
                        new OrganizationPath(row.getString("organization")))).list();
    }

    /// When the next one is due that is not yet.
    Optional<Instant> nextDue(Handle handle, Instant now) {
        return handle.createQuery("""
                SELECT min(due_at) AS next FROM deliveries WHERE state = 'waiting' AND due_at > :now""")
                .bind("now", utc(now)).map((row, _) -> optional(row, "next")).one();
    }

    /// Takes some that are due for one target; until `until` nobody else does. What is told of one alert keeps its
    /// order.
    List<Delivery> claim(Handle handle, String target, int most, Instant now, Instant until) {
        return handle.createQuery("""
                WITH taken AS MATERIALIZED ( -- as a subquery it may run again, and take more
                    SELECT d.id FROM deliveries d
                    WHERE d.state = 'waiting' AND d.target = :target AND d.due_at <= :now AND d.id = (
                        SELECT e.id FROM deliveries e WHERE e.alert_id = d.alert_id AND e.target = d.target
                            AND e.state = 'waiting' ORDER BY e.id LIMIT 1) -- and not a join, see above
                    ORDER BY d.due_at, d.id LIMIT :most FOR UPDATE SKIP LOCKED)
                UPDATE deliveries SET attempts = attempts + 1, due_at = :until FROM taken
                WHERE deliveries.id = taken.id RETURNING deliveries.*""")
                .bind("target", target).bind("most", most).bind("now", utc(now)).bind("until", utc(until))
                .map((row, _) -> delivery(row)).list();
    }

    /// Notes what came of an attempt. One that took so long that another has begun counts only if it has told.
    ///
    /// @param state  `waiting` again until `due`, or its last one
    /// @param detail what the last attempt said
    void record(Handle handle, Delivery delivery, String kind, String state, Instant due, ObjectNode attempt,
            String detail, Instant now) {
        var noted = handle.createUpdate("""
                UPDATE deliveries SET kind = coalesce(:kind, kind), history = history || :attempt::jsonb,
                    due_at = :due, detail = :detail,
                    state = CASE WHEN state = 'waiting' OR :state = 'delivered' THEN :state ELSE state END,
                    ended_at = CASE WHEN state = 'waiting' AND :state = 'waiting' THEN NULL ELSE :now END
                WHERE id = :id AND (attempts = :attempts OR :state = 'delivered')""")
                .bind("attempts", delivery.attempts()).bind("kind", kind).bind("attempt", attempt.toString())
                .bind("due", utc(due)).bind("detail", detail)
                .bind("state", state).bind("now", utc(now)).bind("id", delivery.id()).execute();
        if (noted == 0 || !state.equals("failed") || !delivery.event().equals("begun")) return;
        handle.createUpdate("""
                UPDATE deliveries SET state = 'dropped', ended_at = :now, detail = 'its beginning was not delivered'
                WHERE alert_id = :alert AND target = :target AND event <> 'begun' AND state = 'waiting'
                    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert_id = :alert AND d.target = :target
                        AND d.event = 'begun' AND d.state IN ('waiting', 'delivered'))""")
                .bind("alert", delivery.alert().orElse(null)).bind("target", delivery.target().text())
                .bind("now", utc(now)).execute();
    }

    /// Gives back what was taken and not tried.
    void release(Handle handle, Delivery delivery, Instant now) {
        handle.createUpdate("""
                UPDATE deliveries SET due_at = :now WHERE state = 'waiting' AND id = :id AND attempts = :attempts""")
                .bind("now", utc(now)).bind("id", delivery.id()).bind("attempts", delivery.attempts()).execute();
    }

    /// What has room of its own: what one organization right below the root, with all below it, is told at once, what
    /// its quiet hours hold back, and its escalations. So none of them silences another, or somebody else.
    ///
    /// @param top the organization's number; empty for the root's own
    record Share(String top, String part) {
        private static final String AT_ONCE = "at once";

        static Share of(OrganizationPath organization, Policy.Planned planned) {
            return new Share(top(organization), planned.step() > 0 ? Policy.Held.ESCALATION.word()
                    : planned.held() == Policy.Held.QUIET ? Policy.Held.QUIET.word() : AT_ONCE);
        }

        static String top(OrganizationPath organization) {
            var numbers = organization.text().split("/");
            return numbers.length > 2 ? numbers[2] : "";
        }
    }

    /// How many wait of each share that has any.
    Map<Share, Long> waiting(Handle handle) {
        var waiting = new HashMap<Share, Long>();
        handle.createQuery("""
                SELECT split_part(organization, '/', 3) AS top, count(*) AS count, CASE WHEN step > 0 THEN 'escalation'
                    WHEN held = 'quiet' THEN 'quiet' ELSE 'at once' END AS part
                FROM deliveries WHERE state = 'waiting' GROUP BY top, part""")
                .map((row, _) -> waiting.put(new Share(row.getString("top"), row.getString("part")),
                        row.getLong("count"))).list();
        return waiting;
    }

    /// Forgets what has ended, the oldest first; but not yet who heard that an alert began, while its end is to be
    /// told, nor the beginnings that throttle others.
    ///
    /// @param most of one organization
    void forget(Handle handle, Instant now, int most) {
        handle.createUpdate("""
                DELETE FROM deliveries d USING (
                    SELECT id, row_number() OVER (PARTITION BY organization ORDER BY id DESC) AS nth
                    FROM deliveries WHERE state <> 'waiting') AS counted
                WHERE counted.id = d.id AND d.state <> 'waiting' AND (d.ended_at < :oldest OR counted.nth > :most)
                    AND NOT (d.event = 'begun' AND d.state = 'delivered' AND counted.nth <= :mostBegun AND (
                        d.step = 0 AND d.planned_at > :throttles
                        OR d.ended_at > :oldestBegun AND NOT EXISTS (
                            SELECT 1 FROM deliveries r WHERE r.alert_id = d.alert_id AND r.event = 'resolved'
                                AND r.state <> 'waiting')))""")
                .bind("oldest", utc(now.minus(Limits.DELIVERY_KEPT_TIME))).bind("most", most)
                .bind("mostBegun", Limits.BEGINNINGS_KEPT).bind("throttles", utc(now.minus(Limits.POLICY_TIME)))
                .bind("oldestBegun", utc(now.minus(Limits.BEGINNING_KEPT_TIME))).execute();
        handle.createUpdate("DELETE FROM notification_reads WHERE updated_at < :oldest")
                .bind("oldest", utc(now.minus(Limits.DELIVERY_KEPT_TIME.multipliedBy(2)))).execute();
    }

    /// What is asked for; null means all.
    record Filter(Long alert, Long channel, String state) {}

    /// The newest first. What receivers answered is only for those who see the channel: it tells of servers of an
    /// organization above. Of channels that are gone only the root may know whose they were.
    List<Delivery> list(Handle handle, Filter filter, Page.Wish wish) {
        return handle.createQuery("""
                SELECT *, target LIKE 'channel:%' AND NOT in_scope('/1/') AND NOT EXISTS (
                    SELECT 1 FROM channels c WHERE in_scope(c.organization)
                        AND c.id = CASE WHEN target LIKE 'channel:%' THEN substr(target, 9)::bigint END) AS is_hidden
                FROM deliveries
                WHERE (:after = 0 OR id < :after) AND (:alert::bigint IS NULL OR alert_id = :alert)
                    AND (:target::text IS NULL OR target = :target) AND (:state::text IS NULL OR state = :state)
                ORDER BY id DESC LIMIT :limit""")
                .bind("after", wish.after()).bind("alert", filter.alert()).bind("state", filter.state())
                .bind("target", filter.channel() == null ? null : new Target.OfChannel(filter.channel()).text())
                .bind("limit", wish.limit() + 1).map((row, _) -> row.getBoolean("is_hidden")
                        ? delivery(row).withoutAnswers() : delivery(row)).list();
    }

    /// What was told in the application, the newest first.
    List<Delivery> inApp(Handle handle, Page.Wish wish) {
        return handle.createQuery("""
                SELECT * FROM deliveries WHERE kind = 'in_app' AND state = 'delivered'
                    AND (:after = 0 OR id < :after) ORDER BY id DESC LIMIT :limit""")
                .bind("after", wish.after()).bind("limit", wish.limit() + 1).map((row, _) -> delivery(row)).list();
    }

    long readUpTo(Handle handle, String reader) {
        return handle.createQuery("SELECT last_id FROM notification_reads WHERE reader = :reader")
                .bind("reader", reader).mapTo(Long.class).findOne().orElse(0L);
    }

    /// Counted up to a limit.
    long unread(Handle handle, long after) {
        return handle.createQuery("""
                SELECT count(*) FROM (SELECT 1 FROM deliveries
                    WHERE kind = 'in_app' AND state = 'delivered' AND id > :after LIMIT :most) AS unread""")
                .bind("after", after).bind("most", Limits.UNREAD_COUNTED).mapTo(Long.class).one();
    }

    void markRead(Handle handle, String reader, OrganizationPath organization, long upTo, Instant now) {
        handle.createUpdate("""
                INSERT INTO notification_reads (reader, organization, last_id, updated_at)
                VALUES (:reader, :organization, :upTo, :now)
                ON CONFLICT (reader) DO UPDATE SET updated_at = excluded.updated_at,
                    last_id = greatest(notification_reads.last_id, excluded.last_id)""")
                .bind("reader", reader).bind("organization", organization.text()).bind("upTo", upTo)
                .bind("now", utc(now)).execute();
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        var alert = row.getLong("alert_id");
        var hasAlert = !row.wasNull();
        return new Delivery(row.getLong("id"), new OrganizationPath(row.getString("organization")),
                row.getObject("message", UUID.class), hasAlert ? Optional.of(alert) : Optional.empty(),
                row.getString("event"), row.getInt("step"), Target.of(row.getString("target")),
                Optional.ofNullable(row.getString("kind")), row.getString("state"), row.getString("held"),
                ChannelStore.instant(row, "planned_at"), ChannelStore.instant(row, "due_at"), row.getInt("attempts"),
                array(row.getString("history")), row.getString("detail"), row.getLong("suppressed"),
                ChannelStore.object(row.getString("content")), ChannelStore.instant(row, "created_at"),
                optional(row, "ended_at"));
    }

    private static ArrayNode array(String json) {
        try {
            return (ArrayNode) Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Instant> optional(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static OffsetDateTime utc(Instant time) {
        return ChannelStore.utc(time);
    }
}
