package io.iotflow.server.ingest.http;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.PayloadException.Fault;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.ingest.IngestOutcome.Accepted;
import io.iotflow.server.ingest.IngestOutcome.Overloaded;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.iotflow.server.ingest.IngestOutcome.Rejected;
import java.nio.charset.StandardCharsets;

/// The intake over HTTP. 201 means on disk. Runs on the request's virtual thread, which waits for the log's commit.
public final class IngestRoutes implements Routes {
    /// A whole batch, in bytes.
    private static final int BATCH_BYTES = 16 << 20;

    private static final String JSON = "application/json";
    private static final String BYTES = "application/octet-stream";
    private static final String TEXT = "text/plain";

    private final Ingest ingest;
    private final DeviceRegistry devices;
    private final int payloadBytes;
    private final BatchIntake batches;

    public IngestRoutes(Ingest ingest, DeviceRegistry devices, int payloadBytes, int recordsAtMost) {
        this.ingest = ingest;
        this.devices = devices;
        this.payloadBytes = payloadBytes;
        batches = new BatchIntake(ingest, devices, recordsAtMost);
    }

    @Override
    public void declare(RouteTable table) {
        table.post("devices/telemetry", Access.DEVICE, this::own).bodyLimit(payloadBytes).repeatable();
        table.post("telemetry", Access.DEVICE, this::own).bodyLimit(payloadBytes).repeatable();
        var writers = Access.deviceOrWith(Permission.TELEMETRY_WRITE);
        table.post("telemetry/batch", writers, batches::accept).bodyLimit(BATCH_BYTES).repeatable();
        table.post("mqtt/telemetry/{device}", writers, this::named).bodyLimit(payloadBytes).repeatable();
    }

    private Reply own(Request request) throws InterruptedException {
        var caller = request.device();
        return accept(request, devices.find(caller.id())
                .orElseThrow(() -> PlatformException.notFound("device " + caller.name())));
    }

    private Reply named(Request request) throws InterruptedException {
        return accept(request, devices.require(request.caller(), request.parameter("device")));
    }

    private Reply accept(Request request, Device device) throws InterruptedException {
        requireMayPublish(device);
        if (request.contentType().equals(BYTES) || request.contentType().equals(TEXT)) requireDecoded(request, device);
        else request.requireContentType(JSON);
        var accepted = acceptedOrRefused(ingest.accept(
                new InboundMessage(device.id(), device.organization(), Kind.TELEMETRY, request.body())));
        ingest.awaitDurable(accepted);
        return Reply.created(stored(device, accepted));
    }

    /// Other payloads than JSON are for devices only that have a rule for them.
    private void requireDecoded(Request request, Device device) {
        if (!ingest.decodesPayloads(device.id())) request.requireContentType(JSON);
    }

    /// Written by hand: this is the answer to every telemetry message, and a name has no character that JSON escapes.
    private static byte[] stored(Device device, Accepted accepted) {
        return ("{\"message\":\"Telemetry stored\",\"device_id\":" + device.id() + ",\"device_name\":\"" + device.name()
                + "\",\"timestamp\":\"" + Timestamps.ofMicros(accepted.timeMicros())
                + "\",\"stored\":true,\"stored_in_iotdb\":true}").getBytes(StandardCharsets.UTF_8);
    }

    /// What a device may not send in its present state is refused.
    public static void requireMayPublish(Device device) {
        if (device.status().mayPublish()) return;
        throw new PlatformException(ErrorCode.FORBIDDEN, "The device is " + device.status().word()
                + " and may not send telemetry.");
    }

    /// The refusal as HTTP says it, unless the message was taken.
    public static Accepted acceptedOrRefused(IngestOutcome outcome) {
        return switch (outcome) {
            case Accepted accepted -> accepted;
            case Rejected(var reason, var detail, var faults) -> throw new PlatformException(code(reason), detail,
                    faults.stream().map(IngestRoutes::fieldError).toList());
            case Overloaded(var retryAfter) -> throw PlatformException.retryLater(ErrorCode.OVERLOADED,
                    "The platform is taking in as much as it can; nothing of this was kept.", retryAfter);
        };
    }

    private static FieldError fieldError(Fault fault) {
        return new FieldError(fault.field(), fault.detail());
    }

    static ErrorCode code(Reason reason) {
        return switch (reason) {
            case NOT_AUTHORIZED -> ErrorCode.FORBIDDEN;
            case MALFORMED -> ErrorCode.MALFORMED_REQUEST;
            case INVALID, TOO_MANY_METRICS -> ErrorCode.INVALID;
            case TOO_LARGE -> ErrorCode.TOO_LARGE;
            case TYPE_CHANGED -> ErrorCode.TYPE_CHANGED;
            case UNKNOWN_TOPIC -> ErrorCode.NOT_FOUND;
        };
    }
}
