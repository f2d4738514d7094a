package io.iotflow.server.timeline;

import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Permission;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// A kind of thing that happens to a device, whom it is told, and where it stands.
///
/// Each `SELECT` answers the same columns: `at`; `place`, which tells those of one kind and time apart; `what`, a word;
/// `subject`, what it is about; `actor`, who did it; `detail` in words; `link`, the number or id of the thing; `data`,
/// JSON. Texts are empty and the others null where there is nothing to say.
enum Kind {
    /// The audit log's entries about the device, but for those that other kinds tell themselves.
    DEVICE(Permission.AUDIT_READ, """
            SELECT time::timestamptz AS at, id AS place, action AS what, '' AS subject, actor_name AS actor,
                '' AS detail, id::text AS link,
                jsonb_strip_nulls(jsonb_build_object('before', body::jsonb -> 'before',
                    'after', body::jsonb -> 'after')) AS data
            FROM audit_entries WHERE target_type = 'device' AND target_id = (:device)::text
                AND NOT (starts_with(action, 'command.') OR starts_with(action, 'configuration.')
                    OR starts_with(action, 'shadow.'))"""),
    PRESENCE(Permission.DEVICES_READ, """
            SELECT at, id, CASE WHEN is_online THEN 'online' ELSE 'offline' END, '', '', '', NULL, NULL::jsonb
            FROM presence_changes WHERE device_id = :device"""),
    ALERT(Permission.ALERTS_READ, """
            SELECT alert_events.at, alert_events.id, alert_events.kind, alerts.rule_name, alert_events.actor,
                alert_events.detail, alerts.id::text, jsonb_build_object('severity', alerts.severity)
            FROM alerts JOIN alert_events ON alert_events.alert_id = alerts.id
            WHERE alerts.device_id = :device AND NOT alerts.is_shadow"""),
    /// Of a command as many steps as it has; who sent it stands at the first.
    COMMAND(Permission.DEVICES_READ, """
            SELECT (step ->> 'at')::timestamptz, number * 10000 + nth, step ->> 'state', type,
                CASE WHEN nth = 1 THEN author ELSE '' END, coalesce(step -> 'proof' ->> 'reason', ''), id::text,
                step -> 'proof'
            FROM commands CROSS JOIN LATERAL jsonb_array_elements(steps) WITH ORDINALITY AS life (step, nth)
            WHERE device_id = :device"""),
    CONFIGURATION(Permission.DEVICES_READ, """
            SELECT activated_at, version, 'activated', 'version ' || version, coalesce(activated_by, ''), note,
                version::text, NULL::jsonb
            FROM configurations
            WHERE device_id = :device AND activated_at IS NOT NULL AND in_scope(organization)"""),
    /// Of an update as many steps as it has.
    FIRMWARE(Permission.FIRMWARE_READ, """
            SELECT firmware_update_steps.at, firmware_update_steps.id, firmware_update_steps.state,
                coalesce(firmware_images.name || ' ' || firmware_images.version, ''), '', firmware_update_steps.detail,
                firmware_updates.id::text,
                jsonb_build_object('rollout_id', rollout_id, 'from_version', from_version, 'is_rollback', is_rollback)
            FROM firmware_updates
                JOIN firmware_update_steps ON firmware_update_steps.update_id = firmware_updates.id
                LEFT JOIN firmware_images ON firmware_images.id = firmware_updates.image_id
            WHERE device_id = :device"""),
    SHADOW(Permission.DEVICES_READ, """
            SELECT changed_at, version, CASE WHEN patch = 'null' THEN 'emptied' ELSE 'desired' END, '', author, '',
                version::text, patch
            FROM shadow_history WHERE device_id = :device"""),
    SENSOR(Permission.DEVICES_READ, """
            SELECT sensor_calibrations.created_at, sensor_calibrations.id, 'calibrated', sensors.name,
                sensor_calibrations.author, sensor_calibrations.note, sensors.id::text,
                jsonb_build_object('before', before, 'after', after)
            FROM sensor_calibrations JOIN sensors ON sensors.id = sensor_calibrations.sensor_id
            WHERE sensors.device_id = :device""");

    /// What those are told of [#DEVICE] who may not read the audit log.
    static final String REGISTERED = """
            SELECT created_at AS at, 0::bigint AS place, 'device.registered' AS what, '' AS subject, '' AS actor,
                '' AS detail, NULL::text AS link, NULL::jsonb AS data
            FROM devices WHERE id = :device""";

    private final Permission permission;
    private final String sql;

    Kind(Permission permission, String sql) {
        this.permission = permission;
        this.sql = sql;
    }

    Permission permission() {
        return permission;
    }

    String sql() {
        return sql;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String word) {
        for (var kind : values()) if (kind.word().equals(word)) return kind;
        throw PlatformException.invalid("kinds", "are " + Arrays.stream(values()).map(Kind::word)
                .collect(Collectors.joining(", ")) + ", not " + word);
    }
}
