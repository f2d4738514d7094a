package io.iotflow.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.command.CommandChannel;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.mqtt.Downlink;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/// Commands go to devices over MQTT.
record MqttCommands(Downlink mqtt) implements CommandChannel {
    @Override
    public boolean isListening(DeviceId device) {
        return mqtt.isListening(device);
    }

    @Override
    public Set<DeviceId> listening() {
        return mqtt.listening();
    }

    @Override
    public int underWay(DeviceId device) {
        return mqtt.underWay(device);
    }

    @Override
    public boolean isUnderWay(UUID command) {
        return mqtt.isUnderWay(command);
    }

    @Override
    public boolean isOut(UUID command) {
        return mqtt.isOut(command);
    }

    @Override
    public void send(DeviceId device, UUID command, byte[] content, Instant expires, Duration lease) {
        mqtt.send(device, command, content, expires, lease);
    }

    @Override
    public boolean withdraw(UUID command) {
        return mqtt.withdraw(command);
    }

    @Override
    public void report(CommandChannel.Reports to) {
        mqtt.report(new Translated(to));
    }

    /// What MQTT says, as the proof of a step.
    private record Translated(CommandChannel.Reports to) implements Downlink.Reports {
        @Override
        public void listening(DeviceId device) {
            to.listening(device);
        }

        @Override
        public void acknowledged(UUID command, Downlink.Receipt receipt) {
            to.delivered(command, proof(receipt));
        }

        @Override
        public void refused(UUID command, int reason, Downlink.Receipt receipt) {
            to.refused(command, proof(receipt).put("reason", "the device's client answered with the reason code 0x"
                    + Integer.toHexString(reason)));
        }

        @Override
        public void unacknowledged(UUID command) {
            to.unacknowledged(command);
        }

        @Override
        public void lost(UUID command) {
            to.lost(command);
        }

        private static ObjectNode proof(Downlink.Receipt receipt) {
            return JsonNodeFactory.instance.objectNode().put("by", "puback").put("packet_id", receipt.packetId())
                    .put("client_id", receipt.clientId()).put("connection", receipt.connection());
        }
    }
}
