package io.iotflow.server.timeline;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/// The story of a device, as far as the caller may know it.
public final class TimelineRoutes implements Routes {
    private final Database database;
    private final DeviceRegistry devices;
    private final Presence presence;

    public TimelineRoutes(Database database, DeviceRegistry devices, Presence presence) {
        this.database = database;
        this.devices = devices;
        this.presence = presence;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("devices/{device}/timeline", Access.with(Permission.DEVICES_READ), this::timeline);
    }

    private Reply timeline(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        var named = request.query().list("kinds").stream().map(Kind::of).collect(Collectors.toSet());
        var wanted = named.isEmpty() ? EnumSet.allOf(Kind.class) : EnumSet.copyOf(named);
        var hidden = wanted.stream().filter(kind -> !may(request.caller(), kind))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Kind.class)));
        for (var kind : hidden) if (named.contains(kind) && kind != Kind.DEVICE) throw forbidden(kind);
        var limit = request.query().whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        var timeline = new Timeline(sources(wanted, hidden), request.query().text("cursor")
                .map(Timeline.Position::read), limit);
        presence.remember();
        var rows = database.transaction(request.scope(), handle -> timeline.read(handle, device.id()));
        var page = rows.subList(0, Math.min(limit, rows.size()));
        var answer = Json.mapper().createObjectNode();
        var entries = answer.putArray("entries");
        page.forEach(entry -> entries.add(entry.json()));
        answer.put("count", page.size())
                .put("next_cursor", rows.size() > page.size() ? page.getLast().position().cursor() : null);
        var left = answer.putArray("left_out");
        hidden.forEach(kind -> left.add(kind.word()));
        return Reply.ok(answer);
    }

    private static EnumMap<Kind, String> sources(Set<Kind> wanted, Set<Kind> hidden) {
        var sources = new EnumMap<Kind, String>(Kind.class);
        for (var kind : wanted) {
            if (!hidden.contains(kind)) sources.put(kind, kind.sql());
            else if (kind == Kind.DEVICE) sources.put(kind, Kind.REGISTERED);
        }
        return sources;
    }

    private static boolean may(Caller caller, Kind kind) {
        return caller instanceof Caller.User user && user.may(kind.permission());
    }

    private static PlatformException forbidden(Kind kind) {
        return new PlatformException(ErrorCode.FORBIDDEN, "Entries of the kind " + kind.word()
                + " need the permission " + kind.permission().word() + ".");
    }
}
