package io.iotflow.server.group;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;

/// What a group and those below it amount to.
record Totals(long devices, long online, long openAlerts) {
    static final Totals NONE = new Totals(0, 0, 0);

    /// @param hasAlerts whether the reader may read alerts
    ObjectNode json(boolean hasAlerts) {
        var json = Json.mapper().createObjectNode().put("devices", devices).put("online", online);
        return json.put("open_alerts", hasAlerts ? (Long) openAlerts : null);
    }

    /// Grows while the fleet is walked through.
    static final class Sum {
        private long devices;
        private long online;
        private long openAlerts;

        void add(boolean isOnline, long alerts) {
            devices++;
            if (isOnline) online++;
            openAlerts += alerts;
        }

        Totals total() {
            return new Totals(devices, online, openAlerts);
        }
    }
}
