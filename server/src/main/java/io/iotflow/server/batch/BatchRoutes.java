package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.batch.Batch.Line;
import io.iotflow.server.batch.Batch.Outcome;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceTargets;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Does something to many devices at once, after a look at which they are.
public final class BatchRoutes implements Routes {
    private final Batches batches;
    private final DeviceTargets targets;
    private final InstantSource clock;

    public BatchRoutes(Database database, DeviceTargets targets, Audit audit, InstantSource clock) {
        this.batches = new Batches(database, audit, clock);
        this.targets = targets;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        var readers = Access.with(Permission.DEVICES_READ);
        // The operation says which permission it takes besides.
        table.post("devices/batch", readers, this::start).bodyLimit(CommandLimits.BATCH_BYTES);
        table.get("batches", readers, request -> Reply.ok(batches.list(request.scope(),
                request.query().whole("cursor", Long.MAX_VALUE, 1L, Long.MAX_VALUE),
                request.query().whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX))
                .json("batches", BatchRoutes::json)));
        table.get("batches/{batch}", readers, request ->
                Reply.ok(json(batches.progress(request.scope(), request.id("batch")))));
        table.get("batches/{batch}/outcomes", readers, this::outcomes);
    }

    private Reply start(Request request) {
        var fields = Fields.of("", request.json());
        var word = fields.requiredText("operation", 50);
        var params = fields.find("params").orElseGet(Json.mapper()::createObjectNode);
        if (!(params instanceof ObjectNode object) || !StorableText.accepts(object)) {
            throw fields.refusal("params", "must be an object without broken characters");
        }
        var operation = Operation.of(word, object.deepCopy(), clock.instant());
        requirePermission(request.caller(), operation);
        var isAtomic = fields.flag("atomic", false);
        var isTrial = fields.flag("dry_run", false);
        if (isAtomic && operation instanceof Operation.Configure) {
            throw fields.refusal("atomic", "must be false for set_configuration: it is done device by device");
        }
        var devices = targets.read(request.caller(), fields);
        fields.end();
        if (isTrial) return Reply.ok(preview(operation, devices));
        return Reply.json(202, json(batches.start(request.actor(), word, object, isAtomic, devices)));
    }

    private static void requirePermission(Caller caller, Operation operation) {
        if (caller instanceof Caller.User user && user.may(operation.permission())) return;
        throw new PlatformException(ErrorCode.FORBIDDEN, "This operation takes the permission "
                + operation.permission().word() + ".");
    }

    private static ObjectNode preview(Operation operation, List<Device> devices) {
        var lines = IntStream.range(0, devices.size())
                .mapToObj(place -> Batches.preview(operation, place, devices.get(place))).toList();
        var answer = Json.mapper().createObjectNode().put("dry_run", true).put("devices", devices.size());
        var counts = answer.putObject("counts");
        for (var outcome : Outcome.values()) {
            counts.put(outcome.word(), lines.stream().filter(line -> line.outcome() == outcome).count());
        }
        var shown = answer.putArray("outcomes");
        lines.stream().limit(CommandLimits.BATCH_PREVIEW).map(BatchRoutes::json).forEach(shown::add);
        return answer;
    }

    private Reply outcomes(Request request) {
        var wanted = request.query().text("outcome").map(word -> Arrays.stream(Outcome.values())
                .filter(it -> it.word().equals(word)).findFirst().orElseThrow(() -> PlatformException.invalid("outcome",
                        "must be waiting, done, unchanged or failed")));
        return Reply.ok(batches.outcomes(request.scope(), request.id("batch"), wanted, Page.Wish.of(request.query()))
                .json("outcomes", BatchRoutes::json));
    }

    private static ObjectNode json(Line line) {
        return Json.mapper().createObjectNode().put("device_id", line.device().value()).put("device_name", line.name())
                .put("outcome", line.outcome().word()).put("detail", line.detail());
    }

    private static ObjectNode json(Batches.Progress progress) {
        var batch = progress.batch();
        var json = Json.mapper().createObjectNode().put("id", batch.id())
                .put("organization_id", batch.organization().id()).put("operation", batch.operation());
        json.set("params", batch.params());
        json.put("atomic", batch.isAtomic()).put("status", batch.endedAt().isPresent() ? "done" : "running")
                .put("devices", batch.devices()).put("author", batch.by().toString())
                .put("created_at", batch.createdAt().toString())
                .put("ended_at", batch.endedAt().map(Object::toString).orElse(null));
        var counts = json.putObject("counts");
        for (var outcome : Outcome.values()) counts.put(outcome.word(), progress.counts().getOrDefault(outcome, 0L));
        return json;
    }
}
