package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.firmware.FirmwareChannel;
import io.iotflow.server.ingest.mqtt.MqttListener;
import java.util.Optional;

/// Firmware is offered to devices over MQTT.
record MqttFirmware(MqttListener mqtt) implements FirmwareChannel {
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
    public void chunk(DeviceId device, String place, byte[] bytes) {
        mqtt.publish(device, Kind.FIRMWARE, "response/" + place, bytes);
    }
}
