package io.iotflow.server.device;

import java.util.Optional;

/// Where devices find the MQTT broker, as they are told.
///
/// @param host empty: the host that the device used to ask
/// @param port 0 when off, as the other ports
public record MqttAddress(Optional<String> host, int port, int tlsPort, int webSocketPort) {}
