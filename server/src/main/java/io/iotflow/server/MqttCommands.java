package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.command.CommandChannel;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.mqtt.MqttListener;
import java.time.Instant;
import java.util.Optional;

/// Commands go to devices over MQTT.
record MqttCommands(MqttListener mqtt) implements CommandChannel {
    @Override
    public boolean isFollowed(DeviceId device) {
        return mqtt.isFollowed(device, Kind.COMMANDS);
    }

    @Override
    public void send(DeviceId device, byte[] command, Optional<Instant> expires) {
        mqtt.publish(device, Kind.COMMANDS, command, false, expires);
    }
}
