package io.iotflow.server.thingsboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.http.IngestRoutes;
import io.iotflow.server.shadow.Reports;

/// `/api/v1/{access token}/…`: the device's key stands in the path. No call of ours is there: a key has 32 characters,
/// none of our words has, and what is written literally goes before what a parameter takes.
public final class ThingsBoardRoutes implements Routes {
    private static final String TOKEN = "access_token";
    private static final String PATH = "/api/v1/{" + TOKEN + "}/";

    private final Ingest ingest;
    private final DeviceRegistry devices;
    private final Reports reports;
    private final int payloadBytes;

    public ThingsBoardRoutes(Ingest ingest, DeviceRegistry devices, Reports reports, int payloadBytes) {
        this.ingest = ingest;
        this.devices = devices;
        this.reports = reports;
        this.payloadBytes = payloadBytes;
    }

    @Override
    public void declare(RouteTable table) {
        var outside = table.outside(); // no alias: /api/{token}/… would take /api/v1/… for a device's
        outside.post(PATH + "telemetry", Access.DEVICE, this::telemetry).credentialParameter(TOKEN)
                .bodyLimit(payloadBytes).repeatable();
        outside.post(PATH + "attributes", Access.DEVICE, this::attributes).credentialParameter(TOKEN)
                .bodyLimit(ShadowLimits.SHADOW_MESSAGE_BYTES).repeatable();
        outside.get(PATH + "attributes", Access.DEVICE, this::ask).credentialParameter(TOKEN);
    }

    private Device self(Request request) {
        return devices.require(request.caller(), request.device().id().toString());
    }

    /// 200 means on disk.
    private Reply telemetry(Request request) throws InterruptedException {
        var device = self(request);
        IngestRoutes.requireMayPublish(device);
        ingest.awaitDurable(IngestRoutes.acceptedOrRefused(ingest.accept(
                new InboundMessage(device.id(), device.organization(), Kind.TELEMETRY, request.body()))));
        return Reply.text("");
    }

    private Reply attributes(Request request) throws InterruptedException {
        if (!(Json.read(request.body()) instanceof ObjectNode attributes)) {
            throw PlatformException.malformed("Attributes are one JSON object.");
        }
        reports.report(self(request), attributes);
        return Reply.text("");
    }

    private Reply ask(Request request) {
        var wanted = Json.mapper().createObjectNode();
        for (var keys : new String[] {"clientKeys", "sharedKeys"}) {
            request.query().text(keys).ifPresent(text -> wanted.put(keys, text));
        }
        return Reply.ok(reports.attributes(request.device().id(), wanted));
    }
}
