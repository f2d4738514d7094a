package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceTargets;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/// One command for many devices.
public final class JobRoutes implements Routes {
    private final CommandJobs jobs;
    private final DeviceTargets targets;
    private final InstantSource clock;

    public JobRoutes(Database database, Commands commands, DeviceTargets targets, Audit audit, InstantSource clock) {
        this.jobs = new CommandJobs(database, commands, audit, clock);
        this.targets = targets;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        var senders = Access.with(Permission.COMMANDS_SEND);
        var readers = Access.with(Permission.DEVICES_READ);
        table.post("commands", senders, request -> start(request, request.json()))
                .bodyLimit(CommandLimits.BATCH_BYTES);
        table.post("mqtt/fleet/{group}/command", senders, this::startForGroup).bodyLimit(CommandLimits.COMMAND_BYTES);
        table.get("command-jobs", readers, request -> Reply.ok(jobs.list(request.scope(),
                request.query().whole("cursor", Long.MAX_VALUE, 1L, Long.MAX_VALUE),
                request.query().whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX))
                .json("command_jobs", JobRoutes::json)));
        table.get("command-jobs/{command_job}", readers, request ->
                Reply.ok(json(jobs.progress(request.scope(), request.id("command_job")))));
        table.post("command-jobs/{command_job}/stop", senders, request ->
                Reply.ok(json(jobs.stop(request.actor(), request.id("command_job")))));
    }

    /// The older form, with the group in the path.
    private Reply startForGroup(Request request) {
        if (!(request.json() instanceof ObjectNode document)) {
            throw new PlatformException(ErrorCode.INVALID, "The body must be an object with type and parameters.");
        }
        for (var field : DeviceTargets.FIELDS) {
            if (!document.has(field)) continue;
            throw PlatformException.invalid(field, "must be left out; the path names the group");
        }
        targets.requireGroup(request.caller(), request.parameter("group"));
        return start(request, document.put("group", request.parameter("group")));
    }

    private Reply start(Request request, JsonNode document) {
        var fields = Fields.of("", document);
        var wish = WishReader.of(fields, clock.instant().truncatedTo(ChronoUnit.MICROS));
        var concurrency = fields.whole("concurrency", 0, 0, CommandLimits.BATCH_DEVICES);
        var devices = targets.read(request.caller(), fields);
        fields.end();
        var started = jobs.start(request.actor(), wish, content((ObjectNode) document), devices, concurrency);
        var answer = json(jobs.progress(request.scope(), started.job().id()));
        var refused = answer.putArray("refused");
        started.refused().forEach(it -> refused.addObject().put("device_id", it.device().id().value())
                .put("device_name", it.device().name()).put("detail", it.why()));
        return Reply.json(202, answer);
    }

    /// A long list of devices is not kept twice: the commands name them.
    private static ObjectNode content(ObjectNode document) {
        var content = Json.mapper().createObjectNode();
        for (var field : document.properties()) {
            if (!DeviceTargets.FIELDS.contains(field.getKey()) || field.getValue().isTextual()) {
                content.set(field.getKey(), field.getValue());
            }
        }
        return content;
    }

    private static ObjectNode json(CommandJobs.Progress progress) {
        var job = progress.job();
        var json = Json.mapper().createObjectNode().put("id", job.id())
                .put("organization_id", job.organization().id()).put("type", job.type())
                .put("status", progress.isDone() ? job.stoppedAt().isPresent() ? "stopped" : "done"
                        : job.stoppedAt().isPresent() ? "stopping" : "running")
                .put("author", job.author()).put("concurrency", job.concurrency()).put("devices", job.devices())
                .put("created_at", job.createdAt().toString())
                .put("stopped_at", job.stoppedAt().map(Object::toString).orElse(null));
        json.set("request", job.content());
        var counts = json.putObject("counts");
        for (var state : CommandState.values()) {
            counts.put(state.word(), progress.counts().getOrDefault(state.word(), 0L));
        }
        return json;
    }
}
