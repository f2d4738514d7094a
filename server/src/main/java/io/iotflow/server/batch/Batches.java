package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.batch.Batch.Line;
import io.iotflow.server.batch.Batch.Outcome;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Keeps what shall be done to many devices, and tells how far it has come.
final class Batches {
    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final BatchStore store = new BatchStore();

    Batches(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    Progress start(Actor by, String operation, ObjectNode params, boolean isAtomic, List<Device> devices) {
        return database.transaction(by.organization(), handle -> {
            var batch = store.insert(handle, by, operation, params, isAtomic, devices,
                    clock.instant().truncatedTo(ChronoUnit.MICROS));
            audit.record(handle, by, "batch.started", batch.target(), Audit.NOTHING, Json.mapper().createObjectNode()
                    .put("devices", devices.size()).put("atomic", isAtomic).set("params", params));
            database.notifications().publish(handle, BatchWorker.WAKE, "");
            return new Progress(batch, store.counts(handle, batch.id()));
        });
    }

    Progress progress(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> new Progress(store.find(handle, id)
                .orElseThrow(Batches::absent), store.counts(handle, id)));
    }

    Page<Progress> list(OrganizationPath scope, long before, int limit) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, before, limit + 1).stream()
                .map(batch -> new Progress(batch, store.counts(handle, batch.id()))).toList(),
                new Page.Wish(0, limit), it -> it.batch().id()));
    }

    Page<Line> outcomes(OrganizationPath scope, long id, Optional<Outcome> outcome, Page.Wish wish) {
        return database.transaction(scope, handle -> {
            store.find(handle, id).orElseThrow(Batches::absent);
            return Page.of(store.lines(handle, id, outcome, wish.after(), wish.limit() + 1), wish,
                    line -> line.place() + 1L);
        });
    }

    private static PlatformException absent() {
        return PlatformException.notFound("batch of that number");
    }
}
