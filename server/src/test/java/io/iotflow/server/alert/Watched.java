package io.iotflow.server.alert;

import static io.iotflow.server.core.OrganizationPath.ROOT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Rules and devices to find something about, in the shared database.
final class Watched {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final JsonNode WHY = JsonNodeFactory.instance.objectNode().put("temperature", 31.5);

    private final Database database = SharedDatabase.open();

    DeviceId device() {
        return devices(1).getFirst();
    }

    List<DeviceId> devices(int count) {
        return database.transaction(ROOT, handle -> handle.createQuery("""
                INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                SELECT '/1/', 'watched-' || :series || '-' || n, 't', 'active', now(), now()
                FROM generate_series(1, :count) n RETURNING id""").bind("count", count)
                .bind("series", NUMBER.incrementAndGet()).mapTo(Long.class).map(DeviceId::new).list());
    }

    /// A new one below the root.
    OrganizationPath organization() {
        return database.transaction(ROOT, handle -> {
            var path = ROOT.child(handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one());
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, '/1/', :name, now())""").bind("id", path.id()).bind("path", path.text())
                    .bind("name", "watched-" + path.id()).execute();
            return path;
        });
    }

    DeviceId device(OrganizationPath organization) {
        var device = device();
        database.transaction(ROOT, handle -> handle.execute("UPDATE devices SET organization = ? WHERE id = ?",
                organization.text(), device.value()));
        return device;
    }

    Finding.Source rule() {
        return rule(false, false);
    }

    Finding.Source rule(boolean isLatched, boolean isShadow) {
        var name = "watching-" + NUMBER.incrementAndGet();
        var id = database.<Long, RuntimeException>transaction(ROOT, handle -> handle.createQuery("""
                INSERT INTO rules (organization, name, mode, version, content, created_at, updated_at)
                VALUES ('/1/', :name, :mode, 1, '{}', now(), now()) RETURNING id""").bind("name", name)
                .bind("mode", isShadow ? "shadow" : "active").mapTo(Long.class).one());
        return new Finding.Source(id, 1, name, OrganizationPath.ROOT, Severity.MAJOR, isLatched, isShadow,
                JsonNodeFactory.instance.objectNode());
    }

    static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    static Finding begun(Finding.Source rule, DeviceId device, long second) {
        return begun(rule, device, "", second);
    }

    static Finding begun(Finding.Source rule, DeviceId device, String key, long second) {
        return new Finding.Begun(rule, device, key, at(second), "begun at " + second, WHY);
    }

    static Finding occurred(Finding.Source rule, DeviceId device, long second, long times) {
        return new Finding.Occurred(rule, device, "", at(second), times, "occurred at " + second);
    }

    static Finding ended(Finding.Source rule, DeviceId device, long second) {
        return ended(rule, device, "", second);
    }

    static Finding ended(Finding.Source rule, DeviceId device, String key, long second) {
        return new Finding.Ended(rule, device, key, at(second));
    }

    /// The alerts of a rule, the first first.
    List<Alert> alerts(Finding.Source rule) {
        return database.transaction(ROOT, handle -> handle.createQuery("SELECT " + AlertStore.COLUMNS
                + " FROM alerts JOIN devices ON devices.id = alerts.device_id WHERE rule_id = :rule ORDER BY alerts.id")
                .bind("rule", rule.rule()).map((row, _) -> AlertStore.alert(row)).list());
    }

    List<String> history(long alert) {
        return database.transaction(ROOT, handle -> new AlertStore().history(handle, alert).stream()
                .map(it -> it.kind().word() + " by " + it.actor()).toList());
    }
}
