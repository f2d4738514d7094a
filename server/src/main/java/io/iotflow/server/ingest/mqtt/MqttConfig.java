package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.certificate.TlsKeys;
import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.util.Optional;

/// The MQTT ports.
public record MqttConfig(
        @Setting(value = "0.0.0.0", doc = "Address that the MQTT ports listen on.") String host,
        @Setting(value = "1883", doc = "Port for MQTT over TCP; 0 takes a free one.") int port,
        @Setting(value = "9001", doc = "Port for MQTT over WebSocket at /mqtt; 0 takes a free one, -1 switches it off.")
        int websocketPort,
        @Setting(value = "8883", doc = "Port for MQTT over TLS; opened when a certificate is configured; "
                + "0 takes a free one.") int tlsPort,
        @Setting(value = "", doc = "PKCS #12 file with the server's certificate and key; empty = no TLS port, unless "
                + "tls_self_signed is on.") Optional<Path> tlsKeystore,
        @Setting(value = "", doc = "Password of tls_keystore.", secret = true) Optional<String> tlsKeystorePassword,
        @Setting(value = "false", doc = "Makes a certificate for localhost at the first start and opens the TLS port "
                + "with it. For trying out; clients cannot verify it.") boolean tlsSelfSigned,
        @Setting(value = "100000", doc = "Connections on all MQTT ports together at the most; more are "
                + "closed at once.") int maxConnections,
        @Setting(value = "300", doc = "Packet size in KiB; larger ones close the connection.") int maxPacketKib,
        @Setting(value = "3600", doc = "Longest keep-alive in seconds, also of clients that asked for none: one "
                + "that is silent for one and a half of it is closed.") int serverKeepAlive,
        @Setting(value = "86400", doc = "Seconds that the session of a 3.1.1 client with clean session = false is kept "
                + "after it has left.") int sessionExpiry,
        @Setting(value = "2", doc = "Threads that read and write sockets.") int ioThreads) {

    public MqttConfig {
        if (sessionExpiry < 0 || sessionExpiry > Connects.LONGEST_SESSION) {
            throw new IllegalArgumentException("mqtt.session_expiry is 0 to " + Connects.LONGEST_SESSION);
        }
        if (maxPacketKib < 1) throw new IllegalArgumentException("mqtt.max_packet_kib is at least 1");
        if (ioThreads < 1 || ioThreads > 64) throw new IllegalArgumentException("mqtt.io_threads is 1 to 64");
    }

    /// The server's certificate for the TLS port, if there shall be one.
    public Optional<TlsKeys> tlsKeys(Path folder) {
        return TlsKeys.of("mqtt.tls_keystore", tlsKeystore, tlsKeystorePassword, tlsSelfSigned, folder);
    }
}
