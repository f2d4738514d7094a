package io.iotflow.server.action;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import io.iotflow.server.notification.Notice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about actions. Stateless; the caller holds the connection and the transaction.
final class ActionStore {

    /// One that waits, and is taken.
    ///
    /// @param attempts with the present one
    record Waiting(long id, long alert, OrganizationPath organization, DeviceId device, long rule, String ruleName,
                   int place, Action action, int attempts) {
        Actor by() {
            return new Actor(Actor.Kind.PLATFORM, Long.toString(rule), "rule " + ruleName, organization, "", "");
        }
    }

    enum State {
        WAITING, DONE, FAILED, SUPPRESSED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What is there already stays as it is.
    void insert(Handle handle, Notice notice, Action.Listed listed, Instant now) {
        handle.createUpdate("""
                INSERT INTO alert_actions (alert_id, organization, device_id, rule_id, rule_name, event, place,
                    content, state, due_at, created_at)
                VALUES (:alert, :organization, :device, :rule, :ruleName, :event, :place, :content::jsonb, 'waiting',
                    :now, :now)
                ON CONFLICT (alert_id, event, place) DO NOTHING""")
                .bind("alert", notice.alert()).bind("organization", notice.organization().text())
                .bind("device", notice.device().value()).bind("rule", notice.rule())
                .bind("ruleName", notice.ruleName()).bind("event", notice.kind().word())
                .bind("place", listed.place()).bind("content", listed.content().toString())
                .bind("now", utc(now)).execute();
    }

    /// Takes some that are due, the oldest first; until `until` nobody else does. Those of one device are taken in
    /// their order, and by one at a time.
    List<Waiting> claim(Handle handle, int most, Instant now, Instant until) {
        return handle.createQuery("""
                WITH taken AS MATERIALIZED (
                    SELECT a.id FROM alert_actions a
                    WHERE a.state = 'waiting' AND a.due_at <= :now AND NOT EXISTS (
                        SELECT 1 FROM alert_actions b WHERE b.device_id = a.device_id AND b.id < a.id
                            AND b.state = 'waiting' AND b.due_at > :now)
                    ORDER BY a.id LIMIT :most FOR UPDATE SKIP LOCKED)
                UPDATE alert_actions SET attempts = attempts + 1, due_at = :until FROM taken
                WHERE alert_actions.id = taken.id RETURNING alert_actions.*""")
                .bind("most", most).bind("now", utc(now)).bind("until", utc(until))
                .map((row, _) -> waiting(row)).list().stream()
                .sorted((one, other) -> Long.compare(one.id(), other.id())).toList();
    }

    /// When the next one is due that is not yet.
    Optional<Instant> nextDue(Handle handle, Instant now) {
        return handle.createQuery("""
                SELECT min(due_at) AS next FROM alert_actions WHERE state = 'waiting' AND due_at > :now""")
                .bind("now", utc(now)).map((row, _) -> Optional.ofNullable(
                        row.getObject("next", OffsetDateTime.class)).map(OffsetDateTime::toInstant)).one();
    }

    /// How often a rule has done, or tried, this one of its actions at a device since then.
    long countSince(Handle handle, Waiting action, Instant since) {
        return handle.createQuery("""
                SELECT count(*) FROM alert_actions WHERE rule_id = :rule AND device_id = :device AND place = :place
                    AND ended_at > :since AND state IN ('done', 'failed')""")
                .bind("rule", action.rule()).bind("device", action.device().value()).bind("place", action.place())
                .bind("since", utc(since)).mapTo(Long.class).one();
    }

    void end(Handle handle, Waiting action, State state, Instant now) {
        handle.createUpdate("UPDATE alert_actions SET state = :state, ended_at = :now WHERE id = :id")
                .bind("state", state.word()).bind("now", utc(now)).bind("id", action.id()).execute();
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(row.getLong("id"), row.getLong("alert_id"),
                new OrganizationPath(row.getString("organization")), new DeviceId(row.getLong("device_id")),
                row.getLong("rule_id"), row.getString("rule_name"), row.getInt("place"),
                action(row.getString("content")), row.getInt("attempts"));
    }

    private static Action action(String text) {
        try {
            var list = Json.mapper().createArrayNode().add(Json.mapper().readTree(text));
            return Action.of(Json.mapper().createObjectNode().set("actions", list)).getFirst().action();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
