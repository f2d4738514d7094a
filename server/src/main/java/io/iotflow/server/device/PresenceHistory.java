package io.iotflow.server.device;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jdbi.v3.core.Handle;

/// When devices came and went. What happens waits in memory for [Presence] to have it written; a crash loses that.
final class PresenceHistory {
    private static final int ROWS_A_STATEMENT = 5_000;

    private record Change(DeviceId device, boolean isOnline, Instant at) {}

    private final Database database;
    private final BlockingQueue<Change> waiting = new ArrayBlockingQueue<>(FleetLimits.PRESENCE_CHANGES_WAITING);
    private final List<Change> batch = new ArrayList<>();

    PresenceHistory(Database database) {
        this.database = database;
    }

    /// Never waits: when far too many come and go at once, those that find no room are not remembered.
    void add(DeviceId device, boolean isOnline, Instant at) {
        waiting.offer(new Change(device, isOnline, at));
    }

    /// What cannot be written now is kept for the next time.
    synchronized void write() {
        while (!batch.isEmpty() || waiting.drainTo(batch, ROWS_A_STATEMENT) > 0) {
            database.transaction(OrganizationPath.ROOT, handle -> {
                insert(handle);
                return null;
            });
            batch.clear();
        }
    }

    private void insert(Handle handle) {
        var ids = batch.stream().map(change -> change.device().value()).toArray(Long[]::new);
        handle.createUpdate("""
                INSERT INTO presence_changes (device_id, organization, is_online, at)
                SELECT devices.id, devices.organization, is_online, at
                FROM unnest(:ids, :online, :times) WITH ORDINALITY AS new (device, is_online, at, place)
                JOIN devices ON devices.id = new.device ORDER BY place""")
                .bindArray("ids", Long.class, (Object[]) ids)
                .bindArray("online", Boolean.class, batch.stream().map(Change::isOnline).toArray())
                .bindArray("times", OffsetDateTime.class,
                        batch.stream().map(change -> change.at().atOffset(ZoneOffset.UTC)).toArray()).execute();
        handle.createUpdate("""
                DELETE FROM presence_changes USING (
                    SELECT device, (SELECT id FROM presence_changes WHERE device_id = device
                        ORDER BY id DESC OFFSET :kept LIMIT 1) AS oldest
                    FROM (SELECT DISTINCT unnest(:ids) AS device) AS those) AS ends
                WHERE device_id = ends.device AND id <= ends.oldest""")
                .bindArray("ids", Long.class, (Object[]) ids).bind("kept", FleetLimits.PRESENCE_CHANGES).execute();
    }
}
