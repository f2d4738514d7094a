package io.iotflow.server.device;

import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many devices an organization has, those of the organizations below it included.
public final class DeviceCounts {
    private final Database database;
    private final DeviceStore store;

    DeviceCounts(Database database, DeviceStore store) {
        this.database = database;
        this.store = store;
    }

    /// How many were registered in a span of time, whatever became of them.
    public long registered(OrganizationPath scope, Instant from, Instant to) {
        return database.transaction(scope, handle -> store.countRegistered(handle, from, to));
    }

    /// As answers show it: those of each state, decommissioned ones included, and the living ones of the thousand most
    /// frequent types.
    public Map<String, Object> shown(OrganizationPath scope, long online) {
        var byStatus = database.transaction(scope, store::countByStatus);
        var total = byStatus.entrySet().stream()
                .filter(it -> !it.getKey().equals(DeviceStatus.DECOMMISSIONED.word()))
                .mapToLong(Map.Entry::getValue).sum();
        var counts = new LinkedHashMap<String, Object>();
        counts.put("total", total);
        counts.put("online", online);
        counts.put("offline", Math.max(0, total - online));
        counts.put("by_status", byStatus);
        counts.put("by_type", database.transaction(scope, store::countByType));
        return counts;
    }
}
