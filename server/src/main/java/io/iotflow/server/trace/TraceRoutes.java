package io.iotflow.server.trace;

import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.Duration;
import java.util.Optional;

/// Following a device, and reading what was seen.
public final class TraceRoutes implements Routes {
    private static final Duration USUAL = Duration.ofMinutes(10);
    private static final String PATH = "devices/{device}/trace";

    private final Traces traces;
    private final DeviceRegistry devices;

    public TraceRoutes(Traces traces, DeviceRegistry devices) {
        this.traces = traces;
        this.devices = devices;
    }

    @Override
    public void declare(RouteTable table) {
        table.post(PATH, Access.with(Permission.DEVICES_WRITE), this::start);
        table.get(PATH, Access.with(Permission.TELEMETRY_READ), this::read);
        table.delete(PATH, Access.with(Permission.DEVICES_WRITE), request -> {
            traces.end(request.actor(), device(request));
            return Reply.noContent();
        });
    }

    private Device device(Request request) {
        return devices.require(request.caller(), request.parameter("device"));
    }

    private Reply start(Request request) {
        var device = device(request);
        var length = USUAL;
        if (request.hasBody()) {
            var body = Fields.of("", request.json());
            length = body.duration("for", Limits.TRACE_TIME).orElse(USUAL);
            body.end();
        }
        var trace = traces.start(request.actor(), device, length);
        return answer(201, device, Optional.of(trace), trace.state());
    }

    private Reply read(Request request) {
        var device = device(request);
        var after = request.query().whole("after", 0L, 0L, Long.MAX_VALUE);
        var trace = traces.find(device.id());
        return answer(200, device, trace, trace.map(it -> it.read(after, maySeeRules(request)))
                .orElse(DeviceTrace.Read.NOTHING));
    }

    private static boolean maySeeRules(Request request) {
        return request.caller() instanceof Caller.User user && user.may(Permission.RULES_READ);
    }

    private static Reply answer(int status, Device device, Optional<DeviceTrace> trace, DeviceTrace.Read read) {
        var json = Json.mapper().createObjectNode().put("device_id", device.id().value())
                .put("device_name", device.name())
                .put("is_running", trace.map(DeviceTrace::isRunning).orElse(false))
                .put("started_at", trace.map(it -> it.startedAt().toString()).orElse(null))
                .put("started_by", trace.map(DeviceTrace::startedBy).orElse(null))
                .put("until", trace.map(it -> it.until().toString()).orElse(null));
        read.entries().forEach(json.putArray("entries")::add);
        return Reply.json(status, json.put("last", read.last()).put("missed", read.missed()));
    }
}
