package io.iotflow.server.ingest;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;

/// What a device sent, authenticated but not yet read. The bytes are the caller's again when [Ingest#accept] returns.
///
/// @param via          what it came by
/// @param organization whose device it is
/// @param kind telemetry, heartbeat, status, errors, or commands for a command's result
/// @param rest what the topic says beyond the kind, such as `offline` of `status/offline` or `17/result`
public record InboundMessage(
        Via via, DeviceId device, OrganizationPath organization, DeviceTopic.Kind kind, String rest, byte[] bytes,
        int offset, int length) {
    public enum Via { MQTT, HTTP }

    /// All of these bytes, in a request.
    public InboundMessage(DeviceId device, OrganizationPath organization, DeviceTopic.Kind kind, byte[] bytes) {
        this(Via.HTTP, device, organization, kind, "", bytes, 0, bytes.length);
    }
}
