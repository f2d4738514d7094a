package io.iotflow.server;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceQuery;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.Presence;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.operations.OperationsRoutes;
import io.iotflow.server.telemetry.DeviceDirectory;
import io.iotflow.server.telemetry.FleetActivity;
import io.iotflow.server.telemetry.Freshness;
import io.iotflow.server.telemetry.TelemetryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// What an operator wants to see of the whole fleet at once. Here, because it is put together from several features.
record FleetRoutes(DeviceRegistry devices, DeviceSearch search, Statuses statuses, Presence presence,
        TelemetryStore telemetry, DeviceDirectory directory, Freshness freshness, OperationsRoutes operations)
        implements Routes {
    private static final Duration USUAL_SPAN = Duration.ofHours(24);
    private static final Duration RATE_SPAN = Duration.ofMinutes(1);
    private static final int RECENT = 10;

    @Override
    public void declare(RouteTable table) {
        table.get("admin/dashboard", Access.with(Permission.DEVICES_READ), this::dashboard);
        table.get("admin/analytics", Access.with(Permission.TELEMETRY_READ), this::analytics);
    }

    private Reply dashboard(Request request) throws InterruptedException {
        var scope = request.scope();
        var now = request.receivedAt();
        var totals = presence.totals(statuses.within(scope));
        var stale = freshness.catchUp(Limits.CATCH_UP);
        var lastMinute = telemetry.activity(directory.visible(scope), now.minus(RATE_SPAN), now);
        var recent = search.list(scope,
                DeviceQuery.all().withSort(DeviceQuery.Sort.CREATED_AT, true).withPage(RECENT, ""));
        var answer = new LinkedHashMap<String, Object>();
        answer.put("status", "success");
        answer.put("devices", devices.counts().shown(scope, totals.online()));
        var figures = new LinkedHashMap<String, Object>();
        figures.put("messages_total", totals.messages());
        // The store counts its rows as a whole.
        if (scope.equals(OrganizationPath.ROOT)) figures.put("points_total", telemetry.pointsStored());
        figures.put("points_per_second", (double) lastMinute.points() / RATE_SPAN.toSeconds());
        figures.put("active_reporting", lastMinute.devices());
        answer.put("telemetry", figures);
        answer.put("recent_devices", recent.devices().stream().map(this::line).toList());
        answer.put("system", operations.system());
        answer.put("generated_at", now);
        stale.ifPresent(by -> answer.put("stale_by_ms", by.toMillis()));
        return Reply.ok(answer);
    }

    private Map<String, Object> line(Device device) {
        var state = presence.of(device.id());
        var line = new LinkedHashMap<String, Object>();
        line.put("id", device.id().value());
        line.put("name", device.name());
        line.put("device_type", device.type());
        line.put("status", device.status().word());
        line.put("is_online", state.isOnline());
        line.put("last_seen", state.lastSeen().orElse(null));
        line.put("created_at", device.createdAt());
        return line;
    }

    private Reply analytics(Request request) throws InterruptedException {
        var now = request.receivedAt();
        var from = request.query().time("from").orElse(now.minus(USUAL_SPAN));
        var to = request.query().time("to").orElse(now);
        var stale = freshness.catchUp(Limits.CATCH_UP);
        var activity = telemetry.activity(directory.visible(request.scope()), from, to);
        var answer = new LinkedHashMap<String, Object>();
        answer.put("status", "success");
        answer.put("from", from);
        answer.put("to", to);
        answer.put("telemetry", Map.of("points", activity.points(), "window", activity.window(),
                "points_per_window", activity.windows().stream()
                        .map(it -> Map.of("timestamp", it.start(), "count", it.points())).toList()));
        answer.put("devices", devices(request.scope(), activity, from, to));
        answer.put("generated_at", now);
        stale.ifPresent(by -> answer.put("stale_by_ms", by.toMillis()));
        return Reply.ok(answer);
    }

    private Map<String, Object> devices(OrganizationPath scope, FleetActivity activity, Instant from, Instant to) {
        return Map.of("registered", devices.counts().registered(scope, from, to),
                "active_reporting", activity.devices(),
                "top_reporters", activity.busiest().stream().map(it -> Map.of("device_id", it.device().value(),
                        "device_name", devices.find(it.device()).map(Device::name).orElse(""),
                        "points", it.points())).toList());
    }
}
