package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;

/// An update has come further; told after the commit.
public record UpdateChanged(Update update) {

    /// Hears of it, on the thread that has made the change; must be quick and not throw.
    @FunctionalInterface
    public interface Listener {
        void changed(UpdateChanged event);
    }

    /// The fields of the live event.
    public ObjectNode fields() {
        var json = Json.mapper().createObjectNode().put("event", "update").put("update_id", update.id());
        update.rollout().ifPresent(rollout -> json.put("rollout_id", rollout));
        return json.put("status", update.state().word()).put("progress", update.progress())
                .put("firmware_version", update.toVersion()).put("attempts", update.attempts())
                .put("detail", update.detail());
    }
}
