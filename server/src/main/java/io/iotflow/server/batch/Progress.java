package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.batch.Batch.Outcome;
import io.iotflow.server.http.Json;
import java.util.Map;

/// How far a batch has come.
record Progress(Batch batch, Map<Outcome, Long> counts) {

    ObjectNode json() {
        var json = Json.mapper().createObjectNode().put("id", batch.id())
                .put("organization_id", batch.organization().id()).put("operation", batch.operation());
        json.set("params", batch.params());
        json.put("atomic", batch.isAtomic()).put("status", status())
                .put("devices", batch.devices()).put("author", batch.by().toString())
                .put("created_at", batch.createdAt().toString())
                .put("ended_at", batch.endedAt().map(Object::toString).orElse(null));
        json.set("counts", countsJson());
        return json;
    }

    /// As those hear it who listen.
    ObjectNode event() {
        var json = Json.mapper().createObjectNode().put("event", batch.endedAt().isPresent() ? "ended" : "progress")
                .put("batch_id", batch.id()).put("operation", batch.operation()).put("status", status())
                .put("devices", batch.devices());
        json.set("counts", countsJson());
        return json;
    }

    private String status() {
        return batch.endedAt().isPresent() ? "done" : "running";
    }

    private ObjectNode countsJson() {
        var json = Json.mapper().createObjectNode();
        for (var outcome : Outcome.values()) json.put(outcome.word(), counts.getOrDefault(outcome, 0L));
        return json;
    }
}
