package io.iotflow.server.geo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.encryption.SealedMetadata;
import io.iotflow.server.http.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/// Where devices are that say so in their metadata, such as those that stand still. Read when first asked for; from
/// then on only devices that have changed are read. What is sealed does not count.
final class LocatedMetadata {
    private static final String LOCATED = """
            SELECT id, metadata FROM devices WHERE status <> 'decommissioned'
            AND jsonb_exists_any(metadata, ARRAY['latitude', 'lat', 'location', 'position', 'gps'])""";

    private final Database database;
    private final Map<DeviceId, Area.Point> points = new ConcurrentHashMap<>();
    private final Set<DeviceId> stale = ConcurrentHashMap.newKeySet();
    private volatile boolean isRead;

    LocatedMetadata(Database database, DeviceRegistry devices) {
        this.database = database;
        devices.onChange(id -> {
            if (isRead) stale.add(id);
        });
        devices.onMissed(() -> isRead = false);
    }

    Optional<Area.Point> of(DeviceId device) {
        return Optional.ofNullable(points.get(device));
    }

    /// To be called before a question.
    void refresh() {
        if (!isRead || !stale.isEmpty()) read();
    }

    private synchronized void read() {
        if (!isRead) {
            stale.clear();
            isRead = true;
            try {
                var all = database.transaction(OrganizationPath.ROOT, LocatedMetadata::all);
                points.keySet().retainAll(all.keySet());
                points.putAll(all);
            } catch (RuntimeException e) {
                isRead = false;
                throw e;
            }
        }
        var ids = Set.copyOf(stale);
        if (ids.isEmpty()) return;
        stale.removeAll(ids);
        try {
            var found = database.transaction(OrganizationPath.ROOT, handle -> some(handle, ids));
            points.keySet().removeAll(ids);
            points.putAll(found);
        } catch (RuntimeException e) {
            stale.addAll(ids);
            throw e;
        }
    }

    private static Map<DeviceId, Area.Point> all(Handle handle) {
        var found = new HashMap<DeviceId, Area.Point>();
        handle.createQuery(LOCATED).map((row, _) -> Map.entry(new DeviceId(row.getLong("id")),
                tree(row.getString("metadata")))).forEach(row -> put(found, row));
        return found;
    }

    private static Map<DeviceId, Area.Point> some(Handle handle, Set<DeviceId> ids) {
        var found = new HashMap<DeviceId, Area.Point>();
        handle.createQuery(LOCATED + " AND id = ANY(:ids)")
                .bindArray("ids", Long.class, ids.stream().map(DeviceId::value).toArray())
                .map((row, _) -> Map.entry(new DeviceId(row.getLong("id")), tree(row.getString("metadata"))))
                .forEach(row -> put(found, row));
        return found;
    }

    private static void put(Map<DeviceId, Area.Point> into, Map.Entry<DeviceId, JsonNode> row) {
        Coordinates.in(SealedMetadata.clearPart(row.getValue())).ifPresent(point -> into.put(row.getKey(), point));
    }

    private static JsonNode tree(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: metadata that is not JSON", e);
        }
    }
}
