package io.iotflow.simulator;

import java.net.URI;
import java.net.URISyntaxException;

/// The platform that the devices talk to. Registration is over HTTP whichever way telemetry goes.
public record Target(String host, int mqttPort, int httpPort, Protocol protocol) {

    /// How telemetry travels.
    public enum Protocol { MQTT, HTTP }

    public Target {
        if (host.isBlank()) throw new IllegalArgumentException("--host must not be empty.");
        requirePort("--mqtt-port", mqttPort);
        requirePort("--http-port", httpPort);
        try {
            if (!host.equals(new URI("http", null, host, httpPort, "/", null, null).getHost())) {
                throw new IllegalArgumentException("\"" + host + "\" is not a host name or address.");
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("\"" + host + "\" is not a host name or address.", e);
        }
    }

    private static void requirePort(String option, int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(option + " is a number from 1 to 65535, not " + port + ".");
        }
    }

    /// Below the API's base.
    ///
    /// @param path begins with a slash, already escaped
    URI api(String path) {
        return URI.create(origin() + "/api/v1" + path);
    }

    String origin() {
        return "http://" + host + ":" + httpPort;
    }
}
