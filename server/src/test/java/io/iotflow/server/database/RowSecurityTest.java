package io.iotflow.server.database;

import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.OrganizationPath;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The second wall between organizations: raw SQL on the platform's own role. The tables are read from the database, so
/// that a new one cannot be forgotten.
class RowSecurityTest {
    /// Flyway's own; it holds no record.
    private static final String HISTORY = "flyway_schema_history";

    @TempDir
    static Path folder;

    private static Database database;
    private static OrganizationPath ours;
    private static OrganizationPath theirs;

    @BeforeAll
    static void open() {
        database = Database.open(DatabaseConfig.embedded(), folder);
        ours = organization("ours");
        theirs = organization("theirs");
        database.transaction(ROOT, handle -> fill(handle, theirs));
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private static OrganizationPath organization(String name) {
        return database.transaction(ROOT, handle -> {
            var id = handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one();
            var path = ROOT.child(id);
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, :parent, :name, now())""").bind("id", id).bind("path", path.text())
                    .bind("parent", ROOT.text()).bind("name", name).execute();
            return path;
        });
    }

    /// A row in every table that may hold one of an organization.
    private static Void fill(Handle handle, OrganizationPath organization) {
        var device = handle.createQuery("""
                INSERT INTO devices (organization, name, device_type, metadata, status, created_at, updated_at)
                VALUES (:organization, 'lamp', 'lamp', '{"site": "A"}', 'active', now(), now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO device_keys (device_id, organization, hash, created_at)
                VALUES (:device, :organization, sha256('key'), now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO device_certificates (fingerprint, device_id, organization, source, serial, subject, issuer,
                                                 names, not_before, not_after, ends_at, created_at)
                VALUES (sha256('certificate'), :device, :organization, 'issued', '1', 'CN=lamp', 'CN=us', '{lamp}',
                        now(), now(), now(), now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO attestation_references
                    (device_id, organization, public_key, firmware_hashes, boot_state, updated_at)
                VALUES (:device, :organization, '{}', '{}', '{}', now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO attestations (device_id, organization, statement, differences, created_at)
                VALUES (:device, :organization, '', '{}', now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO presence_changes (device_id, organization, is_online, at)
                VALUES (:device, :organization, true, now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO recalculations (device_id, organization, sensor_id, is_running, content, seen_at)
                VALUES (:device, :organization, 1, false, '{}', now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO configurations (device_id, organization, target, version, content, author, active,
                    created_at, activated_at)
                VALUES (:device, :organization, 'device:' || :device, 1, '{}', 'somebody', true, now(), now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO configuration_states (device_id, organization, device_type, version, content, changed_at,
                    drift, drift_since)
                VALUES (:device, :organization, 'lamp', 1, '{}', now(), 'pending', now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO configuration_schemas (organization, device_type, revision, content, author, updated_at)
                VALUES (:organization, 'lamp', 1, '{}', 'somebody', now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO configuration_spreads (organization, target, after_device, created_at)
                VALUES (:organization, 'type:lamp', 0, now())""").bind("organization", organization.text()).execute();
        for (var half : List.of("shadow_reported", "shadow_desired")) {
            var more = half.equals("shadow_reported") ? ", position, heard_micros" : "";
            handle.createUpdate("INSERT INTO " + half + " (device_id, organization, state, marks, version" + more
                    + ") VALUES (:device, :organization, '{}', '{}', 1" + (more.isEmpty() ? "" : ", 0, 0") + ")")
                    .bind("device", device).bind("organization", organization.text()).execute();
        }
        handle.createUpdate("""
                INSERT INTO shadow_history (device_id, organization, version, patch, author, changed_at)
                VALUES (:device, :organization, 1, '{}', 'somebody', now())""")
                .bind("device", device).bind("organization", organization.text()).execute();
        watch(handle, organization, device);
        var batch = handle.createQuery("""
                INSERT INTO batches (organization, operation, params, actor, is_atomic, devices, created_at)
                VALUES (:organization, 'delete', '{}', '{}', false, 1, now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO batch_outcomes (batch_id, organization, place, device_id, device_name, outcome)
                VALUES (:batch, :organization, 0, :device, 'lamp', 'waiting')""").bind("batch", batch)
                .bind("organization", organization.text()).bind("device", device).execute();
        handle.createUpdate("""
                INSERT INTO command_jobs (organization, type, content, author, concurrency, devices, created_at)
                VALUES (:organization, 'blink', '{}', 'somebody', 0, 1, now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO commands (id, organization, device_id, type, parameters, author, priority, not_before,
                    expires_at, delivery_ms, timeout_ms, attempts_most, backoff_ms, state, way, attempts, due_at,
                    wakes_at, steps, created_at, updated_at)
                VALUES (gen_random_uuid(), :organization, :device, 'blink', '{}', 'somebody', 0, now(), now(), 1, 1, 1,
                    1, 'queued', 'none', 0, now(), now(), '[]', now(), now())""")
                .bind("organization", organization.text()).bind("device", device).execute();
        var group = handle.createQuery("""
                INSERT INTO device_groups (organization, name, description, created_at, updated_at)
                VALUES (:organization, 'hall', '', now(), now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO device_group_members (group_id, device_id, organization)
                VALUES (:group, :device, :organization)""").bind("group", group).bind("device", device)
                .bind("organization", organization.text()).execute();
        firmware(handle, organization, device);
        handle.createUpdate("INSERT INTO audit_entries (organization, body) VALUES (:organization, :body)")
                .bind("organization", organization.text()).bind("body", """
                        {"time":"2026-01-01T00:00:00.000000Z","action":"lamp.lit","actor":{"id":"1","name":""},
                        "target":{"type":"lamp","id":"1","name":""}}""").execute();
        handle.createUpdate("""
                INSERT INTO audit_tiles (organization, level, index, hashes)
                VALUES (:organization, 7, 0, sha256('leaf'))""").bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO audit_checkpoints (organization, size, note, created_at)
                VALUES (:organization, 0, '', now())""").bind("organization", organization.text()).execute();
        var role = handle.createQuery("""
                INSERT INTO roles (organization, name, permissions, created_at)
                VALUES (:organization, 'caretaker', '{devices:read}', now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        var user = handle.createQuery("""
                INSERT INTO users (organization, name, password, role_id, created_at, updated_at)
                VALUES (:organization, 'user' || :role, '', :role, now(), now()) RETURNING id""")
                .bind("organization", organization.text()).bind("role", role).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO refresh_tokens (session, user_id, organization, hash, created_at, expires_at)
                VALUES (gen_random_uuid(), :user, :organization, '', now(), now())""")
                .bind("user", user).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO service_tokens (organization, name, hash, permissions, created_by, created_at, expires_at)
                VALUES (:organization, 'export', sha256(:organization::bytea), '{}', 'somebody', now(), now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO signing_keys (id, organization, public_key, private_key, created_at)
                VALUES (:organization, :organization, '', '', now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO provisioning_keys (organization, name, hash, device_type, max_devices, created_at)
                VALUES (:organization, 'batch', sha256('provisioning'), '', 1, now())""")
                .bind("organization", organization.text()).execute();
        var wrapping = handle.createQuery("""
                INSERT INTO wrapping_keys (organization, wrapped, created_at) VALUES (:organization, '', now())
                RETURNING id""").bind("organization", organization.text()).mapTo(Integer.class).one();
        handle.createUpdate("""
                INSERT INTO encryption_keys (organization, purpose, version, wrapped, wrapped_by, created_at,
                    retired_at, destroyed_at)
                VALUES (:organization, 'organization', 1, NULL, :wrapping, now(), now(), now())""")
                .bind("organization", organization.text()).bind("wrapping", wrapping).execute();
        var processing = handle.createQuery("""
                INSERT INTO processing_rules (organization, name, mode, version, content, created_at, updated_at)
                VALUES (:organization, 'fahrenheit', 'active', 1, '{}', now(), now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO processing_rule_versions (rule_id, organization, version, content, author, created_at)
                VALUES (:rule, :organization, 1, '{}', 'somebody', now())""")
                .bind("rule", processing).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO sensitive_fields (organization, metrics, metadata, updated_at)
                VALUES (:organization, '{pulse}', '{owner}', now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO channels (organization, name, kind, content, created_at, updated_at)
                VALUES (:organization, 'siren', 'in_app', '{}', now(), now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO geofences (organization, name, shape, created_at, updated_at)
                VALUES (:organization, 'yard', '{}', now(), now())""")
                .bind("organization", organization.text()).execute();
        fit(handle, organization, device);
        handle.createUpdate("""
                INSERT INTO deliveries (organization, key, event, step, target, state, held, planned_at, due_at,
                                        content, created_at)
                VALUES (:organization, '', 'begun', 0, 'channel:1', 'waiting', '', now(), now(), '{}', now())""")
                .bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO notification_reads (reader, organization, last_id, updated_at)
                VALUES (:organization, :organization, 0, now())""").bind("organization", organization.text()).execute();
        return null;
    }

    private static void fit(Handle handle, OrganizationPath organization, long device) {
        var type = handle.createQuery("""
                INSERT INTO device_types (organization, name, version, content, created_at, updated_at)
                VALUES (:organization, 'lamp', 1, '{}', now(), now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO device_type_versions (type_id, organization, version, content, author, created_at)
                VALUES (:type, :organization, 1, '{}', 'somebody', now())""")
                .bind("type", type).bind("organization", organization.text()).execute();
        var sensor = handle.createQuery("""
                INSERT INTO sensors (device_id, organization, name, metric, multiplier, zero_offset, created_at,
                    updated_at)
                VALUES (:device, :organization, 'bulb', 't', 1, 0, now(), now()) RETURNING id""")
                .bind("device", device).bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO sensor_calibrations (sensor_id, organization, author, before, after, note, created_at)
                VALUES (:sensor, :organization, 'somebody', '{}', '{}', '', now())""")
                .bind("sensor", sensor).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO sensor_certificates (sensor_id, organization, file_name, media_type, sha256, content,
                    author, created_at)
                VALUES (:sensor, :organization, '', '', sha256('file'), '', 'somebody', now())""")
                .bind("sensor", sensor).bind("organization", organization.text()).execute();
    }

    private static void firmware(Handle handle, OrganizationPath organization, long device) {
        handle.createUpdate("""
                INSERT INTO firmware_keys (organization, name, algorithm, public_key, created_at)
                VALUES (:organization, 'release', 'ed25519', '', now())""")
                .bind("organization", organization.text()).execute();
        var image = handle.createQuery("""
                INSERT INTO firmware_images (organization, name, version, channel, device_types, hardware_versions,
                    release_notes, size, sha256, state, created_at, updated_at)
                VALUES (:organization, 'lamp', '2.0', 'stable', '{}', '{}', '', 1, repeat('a', 64), 'ready', now(),
                    now()) RETURNING id""").bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO firmware_deltas (base_id, image_id, organization, size, sha256, made_at)
                VALUES (:image, :image, :organization, 0, '', now())""")
                .bind("image", image).bind("organization", organization.text()).execute();
        var rollout = handle.createQuery("""
                INSERT INTO rollouts (organization, name, image_id, content, state, author, author_name, created_at,
                    updated_at)
                VALUES (:organization, 'all', :image, '{}', 'running', '', '', now(), now()) RETURNING id""")
                .bind("organization", organization.text()).bind("image", image).mapTo(Long.class).one();
        var update = handle.createQuery("""
                INSERT INTO firmware_updates (organization, device_id, image_id, rollout_id, is_rollback, from_version,
                    state, most_attempts, patience_ms, offered_at, changed_at)
                VALUES (:organization, :device, :image, :rollout, false, '', 'offered', 1, 1, now(), now())
                RETURNING id""").bind("organization", organization.text()).bind("device", device)
                .bind("image", image).bind("rollout", rollout).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO firmware_update_steps (update_id, organization, at, state, detail)
                VALUES (:update, :organization, now(), 'offered', '')""")
                .bind("update", update).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO rollout_devices (rollout_id, device_id, organization, stage, update_id)
                VALUES (:rollout, :device, :organization, 0, :update)""").bind("rollout", rollout)
                .bind("device", device).bind("organization", organization.text()).bind("update", update).execute();
    }

    private static void watch(Handle handle, OrganizationPath organization, long device) {
        var rule = handle.createQuery("""
                INSERT INTO rules (organization, name, mode, version, content, created_at, updated_at)
                VALUES (:organization, 'hot', 'active', 1, '{}', now(), now()) RETURNING id""")
                .bind("organization", organization.text()).mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO rule_versions (rule_id, organization, version, content, author, created_at)
                VALUES (:rule, :organization, 1, '{}', 'somebody', now())""")
                .bind("rule", rule).bind("organization", organization.text()).execute();
        var alert = handle.createQuery("""
                INSERT INTO alerts (organization, device_id, rule_id, rule_version, rule_name, key, severity, message,
                    state, is_shadow, is_latched, began_at, last_occurred_at, created_at, why, policy)
                VALUES (:organization, :device, :rule, 1, 'hot', '', 'major', '', 'active', false, false, now(), now(),
                    now(), '{}', '{}') RETURNING id""")
                .bind("organization", organization.text()).bind("device", device).bind("rule", rule)
                .mapTo(Long.class).one();
        handle.createUpdate("""
                INSERT INTO alert_events (alert_id, organization, at, kind, actor, detail)
                VALUES (:alert, :organization, now(), 'begun', 'rule', '')""")
                .bind("alert", alert).bind("organization", organization.text()).execute();
        handle.createUpdate("""
                INSERT INTO alert_actions (alert_id, organization, device_id, rule_id, rule_name, event, place, content,
                    state, due_at, created_at)
                VALUES (:alert, :organization, :device, :rule, 'hot', 'begun', 0, '{}', 'waiting', now(), now())""")
                .bind("alert", alert).bind("organization", organization.text()).bind("device", device)
                .bind("rule", rule).execute();
    }

    private static List<String> tables() {
        return database.transaction(ROOT, handle -> handle.createQuery("""
                SELECT relname FROM pg_class
                WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> :history
                ORDER BY relname""").bind("history", HISTORY).mapTo(String.class).list());
    }

    private static long count(OrganizationPath scope, String table) {
        return database.transaction(scope, handle -> count(handle, table));
    }

    private static long count(Handle handle, String table) {
        return handle.createQuery("SELECT count(*) FROM " + table).mapTo(Long.class).one();
    }

    @Test
    void thePlatformsRoleIsSubjectToRowSecurity() {
        var exempt = database.transaction(ROOT, handle -> handle.createQuery("""
                SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user""")
                .mapTo(Boolean.class).one());
        assertThat(exempt).isFalse();
        var open = database.transaction(ROOT, handle -> handle.createQuery("""
                SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
                AND relname <> :history AND NOT (relrowsecurity AND relforcerowsecurity)""").bind("history", HISTORY)
                .mapTo(String.class).list());
        assertThat(open).as("tables without FORCE ROW LEVEL SECURITY").isEmpty();
    }

    @Test
    void whatBelongsToAnotherOrganizationDoesNotExist() {
        for (var table : tables()) {
            assertThat(count(ROOT, table)).as("rows of " + table + ": give it one in fill()").isPositive();
            var seen = table.equals("organizations") ? 1 : 0; // itself
            assertThat(count(ours, table)).as(table + " from the wrong organization").isEqualTo(seen);
        }
        assertThat(count(theirs, "devices")).isEqualTo(1);
    }

    @Test
    void whatBelongsToAnotherOrganizationCannotBeChanged() {
        for (var table : tables()) {
            var removed = database.transaction(ours, handle -> handle.execute("DELETE FROM " + table
                    + (table.equals("organizations") ? " WHERE path <> '" + ours + "'" : "")));
            assertThat(removed).as("deleted from " + table).isZero();
        }
        assertThatThrownBy(() -> database.transaction(ours, handle -> fill(handle, theirs)))
                .isInstanceOf(UnableToExecuteStatementException.class).hasMessageContaining("row-level security");
        assertThatThrownBy(() -> database.transaction(ours, handle -> fill(handle, ROOT)))
                .isInstanceOf(UnableToExecuteStatementException.class).hasMessageContaining("row-level security");
    }

    @Test
    void aConnectionThatWasUsedSeesNothingUntilItSaysForWhom() {
        var tables = tables();
        database.transaction(ROOT, handle -> {
            for (var unset : List.of("''", "NULL")) {
                handle.execute("SELECT set_config('iotflow.organization', " + unset + ", true)");
                for (var table : tables) assertThat(count(handle, table)).as(table).isZero();
            }
            return null;
        });
    }

    @Test
    void aTransactionInATransactionIsRefusedBecauseItsScopeWouldStay() {
        assertThatThrownBy(() -> database.transaction(ours, _ -> database.transaction(ROOT, handle -> 1)))
                .isInstanceOf(IllegalStateException.class);
    }
}
