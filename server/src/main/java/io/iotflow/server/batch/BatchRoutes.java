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

/// Does something to many devices at once, after a look at which they are.
public final class BatchRoutes implements Routes {
    private final Batches batches;
    private final Deed deed;
    private final DeviceTargets targets;
    private final InstantSource clock;

    public BatchRoutes(Database database, Deed deed, DeviceTargets targets, Audit audit, InstantSource clock) {
        this.batches = new Batches(database, audit, clock);
        this.deed = deed;
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
                .json("batches", Progress::json)));
        table.get("batches/{batch}", readers, request ->
                Reply.ok(batches.progress(request.scope(), request.id("batch")).json()));
        table.get("batches/{batch}/outcomes", readers, this::outcomes);
    }

    private Reply start(Request request) {
        var fields = Fields.of("", request.json());
        var word = fields.requiredText("operation", 50);
        var params = fields.find("params").orElseGet(Json.mapper()::createObjectNode);
        if (!(params instanceof ObjectNode object)) throw fields.refusal("params", "must be an object");
        if (!StorableText.accepts(object)) throw fields.refusal("params", StorableText.NO_JSON);
        var operation = Operation.of(word, object.deepCopy(), clock.instant());
        requirePermission(request.caller(), operation);
        var isAtomic = fields.flag("atomic", false);
        var isTrial = fields.flag("dry_run", false);
        deed.check(request.scope(), operation);
        var devices = targets.read(request.caller(), fields);
        fields.end();
        if (isAtomic && operation instanceof Operation.Configure
                && devices.size() > CommandLimits.BATCH_ATOMIC_CONFIGURATIONS) {
            throw fields.refusal("atomic", "must be false for set_configuration to more than "
                    + CommandLimits.BATCH_ATOMIC_CONFIGURATIONS + " devices: each is locked until all are done");
        }
        if (isTrial) return Reply.ok(preview(deed.preview(request.scope(), operation, devices)));
        return Reply.json(202, batches.start(request.actor(), word, object, isAtomic, devices).json());
    }

    private static void requirePermission(Caller caller, Operation operation) {
        if (caller instanceof Caller.User user && user.may(operation.permission())) return;
        throw new PlatformException(ErrorCode.FORBIDDEN, "This operation takes the permission "
                + operation.permission().word() + ".");
    }

    private static ObjectNode preview(List<Line> lines) {
        var answer = Json.mapper().createObjectNode().put("dry_run", true).put("devices", lines.size());
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
}
