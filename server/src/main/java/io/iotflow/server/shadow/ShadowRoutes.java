package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.node.NullNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.OptionalLong;

/// A device reports what it is; people say what it shall be.
public final class ShadowRoutes implements Routes {
    private static final Access READ = Access.with(Permission.DEVICES_READ);
    private static final Access WRITE = Access.with(Permission.CONFIGURATIONS_WRITE);

    private final Shadows shadows;
    private final DeviceRegistry devices;
    private final Reports reports;

    public ShadowRoutes(Shadows shadows, DeviceRegistry devices, Reports reports) {
        this.shadows = shadows;
        this.devices = devices;
        this.reports = reports;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("devices/shadow", Access.DEVICE, request -> shown(reports.read(request.device().id())));
        table.patch("devices/shadow", Access.DEVICE, this::report).bodyLimit(ShadowLimits.SHADOW_MESSAGE_BYTES);
        table.get("devices/{device}/shadow", READ, request -> shown(reports.read(device(request).id())));
        table.patch("devices/{device}/shadow", WRITE, this::desire).bodyLimit(ShadowLimits.SHADOW_MESSAGE_BYTES);
        table.delete("devices/{device}/shadow", WRITE, this::delete);
        table.get("devices/{device}/shadow/history", READ, this::history);
    }

    private Device device(Request request) {
        return devices.require(request.caller(), request.parameter("device"));
    }

    private static Reply shown(Shadow shadow) {
        return Reply.ok(shadow.json()).header("ETag", shadow.tag());
    }

    /// 200 when the update is on disk and the device's lane has applied it.
    private Reply report(Request request) throws InterruptedException {
        var self = request.device();
        var device = devices.require(request.caller(), self.id().toString());
        var wish = Wish.read("reported", request.json()).ifMatch(request.ifMatch());
        return shown(reports.report(device, wish));
    }

    private Reply desire(Request request) {
        var device = living(request);
        var wish = Wish.read("desired", request.json()).ifMatch(request.ifMatch());
        return shown(shadows.desire(request.actor(), device, wish));
    }

    private Reply delete(Request request) {
        var device = living(request);
        return shown(shadows.desire(request.actor(), device,
                new Wish(NullNode.getInstance(), request.ifMatch(), OptionalLong.empty(), "")));
    }

    private Device living(Request request) {
        var device = device(request);
        if (device.status() == DeviceStatus.DECOMMISSIONED) {
            throw new PlatformException(ErrorCode.CONFLICT, "A decommissioned device can do nothing more.");
        }
        return device;
    }

    private Reply history(Request request) {
        var device = device(request);
        var limit = request.query().whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        var before = request.query().whole("cursor", Long.MAX_VALUE, 1L, Long.MAX_VALUE);
        var rows = shadows.history(request.scope(), device.id(), before, limit + 1);
        var page = rows.subList(0, Math.min(limit, rows.size()));
        var answer = Json.mapper().createObjectNode();
        var changes = answer.putArray("changes");
        for (var change : page) {
            changes.addObject().put("desired_version", change.version()).put("author", change.author())
                    .put("changed_at", change.at().toString()).set("patch", change.patch());
        }
        answer.put("count", page.size()).put("next_cursor",
                rows.size() > page.size() ? Long.toString(page.getLast().version()) : null);
        return Reply.ok(answer);
    }
}
