package io.iotflow.server.thingsboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.command.Commands;
import io.iotflow.server.core.ErrorCode;
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
import io.iotflow.server.ingest.mqtt.Calls;
import io.iotflow.server.shadow.Reports;
import java.time.Duration;
import java.util.UUID;

/// `/api/v1/{access token}/…`: the device's key stands in the path. No call of ours is there: a key has 32 characters,
/// none of our words has, and what is written literally goes before what a parameter takes.
public final class ThingsBoardRoutes implements Routes {
    private static final String TOKEN = "access_token";
    private static final String PATH = "/api/v1/{" + TOKEN + "}/";

    private final Ingest ingest;
    private final DeviceRegistry devices;
    private final Reports reports;
    private final Commands commands;
    private final Calls calls;
    private final int payloadBytes;

    /// @param calls the numbers under which devices are called
    public ThingsBoardRoutes(Ingest ingest, DeviceRegistry devices, Reports reports, Commands commands, Calls calls,
            int payloadBytes) {
        this.commands = commands;
        this.calls = calls;
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
        outside.get(PATH + "attributes/updates", Access.DEVICE, this::awaitAttributes).credentialParameter(TOKEN)
                .longLived();
        outside.get(PATH + "rpc", Access.DEVICE, this::awaitCall).credentialParameter(TOKEN).longLived();
        outside.post(PATH + "rpc/{call}", Access.DEVICE, this::answer).credentialParameter(TOKEN)
                .bodyLimit(payloadBytes).repeatable();
        outside.post(PATH + "rpc", Access.DEVICE, _ -> {
            throw Reports.noMethods();
        }).credentialParameter(TOKEN).repeatable();
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

    private static Duration patience(Request request) {
        var most = ShadowLimits.FOREIGN_POLL_TIME.toMillis();
        var wanted = request.query().whole("timeout", 0L, 0, Integer.MAX_VALUE);
        return Duration.ofMillis(wanted == 0 ? most : Math.min(wanted, most));
    }

    private Reply awaitAttributes(Request request) throws InterruptedException {
        return Reply.ok(reports.awaitShared(request.device().id(), patience(request))
                .orElseThrow(() -> nothing("No shared attribute has changed.")));
    }

    private static PlatformException nothing(String detail) {
        return new PlatformException(ErrorCode.NOTHING_CAME, detail);
    }

    private Reply awaitCall(Request request) throws InterruptedException {
        var device = self(request);
        var proof = Json.mapper().createObjectNode().put("by", "http").put("address", request.remoteAddress());
        var command = commands.await(device, patience(request), proof)
                .orElseThrow(() -> nothing("There is no command for the device."));
        var number = calls.number(device.id(), command.path("id").asText());
        return Reply.ok(Calls.said(command).put("id", number));
    }

    private Reply answer(Request request) {
        var device = self(request);
        var command = calls.command(device.id(), request.parameter("call")).map(UUID::fromString).orElseThrow(() ->
                PlatformException.notFound("call of this number, or not any more since the platform has started: "
                        + "answer with POST /api/v1/devices/commands/{id}/result"));
        commands.answered(device, command, Calls.result(request.json()));
        return Reply.text("");
    }
}
