package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.firmware.FirmwareChannel;
import io.iotflow.server.ingest.mqtt.MqttListener;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Firmware is offered to devices over MQTT.
///
/// @param told who waits otherwise for what devices of ThingsBoard share
record MqttFirmware(MqttListener mqtt, MqttShadows shadows, Consumer<DeviceId> told) implements FirmwareChannel {
    private static final Pattern FOREIGN = Pattern.compile("v2/([0-9]+)/([0-9]+)");
    private static final byte[] NOTHING = new byte[0];

    @Override
    public void offer(DeviceId device, byte[] offer) {
        mqtt.publish(device, Kind.FIRMWARE, offer, true, Optional.empty());
    }

    @Override
    public void clear(DeviceId device) {
        mqtt.publish(device, Kind.FIRMWARE, NOTHING, true, Optional.empty());
    }

    @Override
    public void attributes(DeviceId device, byte[] changed) {
        for (var way : List.of("thingsboard/attributes", "gateway/attributes")) {
            if (shadows.isFollowed(device, way)) shadows.publish(device, way, changed);
        }
        told.accept(device);
    }

    @Override
    public void chunk(DeviceId device, String place, byte[] bytes) {
        var foreign = FOREIGN.matcher(place);
        if (foreign.matches()) {
            mqtt.publishForeign(device, "fw/response/" + foreign.group(1) + "/chunk/" + foreign.group(2), bytes,
                    Optional.empty());
            return;
        }
        mqtt.publish(device, Kind.FIRMWARE, "response/" + place, bytes);
    }
}
