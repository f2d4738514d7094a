package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// MQTT as bytes on a socket, for what no client library would send. What arrives is given as hex, a packet at a time.
final class RawMqtt implements AutoCloseable {
    static final int V3 = 4;
    static final int V5 = 5;
    private static final HexFormat HEX = HexFormat.of();

    private final Socket socket;
    private final DataInputStream in;

    RawMqtt(int port) {
        try {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            in = new DataInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A connected device with a clean session.
    static RawMqtt connected(TestPlatform platform, TestDevice device, int version) {
        var client = new RawMqtt(platform.mqttPort());
        client.send(connect(version, device.name() + "-raw", device.name(), device.key(), 60, true));
        var connack = client.packet();
        assertThat(connack).startsWith("20").satisfies(hex -> assertThat(hex.substring(4, 8)).isEqualTo("0000"));
        return client;
    }

    static String connect(int version, String clientId, String user, String password, int keepAlive, boolean clean) {
        return connect(version, clientId, user, password, keepAlive, clean, "", "");
    }

    /// @param properties hex of the CONNECT properties without their length, MQTT 5 only
    /// @param will       hex of the will's payload fields, with its topic and payload; empty for none
    static String connect(int version, String clientId, String user, String password, int keepAlive, boolean clean,
            String properties, String will) {
        var flags = 0xC0 | (clean ? 0x02 : 0) | (will.isEmpty() ? 0 : 0x04);
        return packet(0x10, text("MQTT") + byteOf(version) + byteOf(flags) + shortOf(keepAlive)
                + (version == V5 ? byteOf(properties.length() / 2) + properties : "")
                + text(clientId) + will + text(user) + text(password));
    }

    /// The will's fields for [#connect].
    static String will(int version, String topic, String payload) {
        return (version == V5 ? "00" : "") + text(topic) + text(payload);
    }

    /// @param properties hex of the properties with their length, MQTT 5 only
    static String publish(int qos, int id, String topic, String properties, String payload) {
        return packet(0x30 | qos << 1, text(topic) + (qos > 0 ? shortOf(id) : "") + properties
                + HEX.formatHex(payload.getBytes(StandardCharsets.UTF_8)));
    }

    /// The same again, with the DUP flag.
    static String again(String publish) {
        return byteOf(Integer.parseInt(publish.substring(0, 2), 16) | 0x08) + publish.substring(2);
    }

    static String packet(int type, String body) {
        var length = new StringBuilder();
        var left = body.length() / 2;
        do {
            length.append(byteOf(left & 0x7F | (left > 0x7F ? 0x80 : 0)));
            left >>>= 7;
        } while (left > 0);
        return byteOf(type) + length + body;
    }

    static String text(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return shortOf(bytes.length) + HEX.formatHex(bytes);
    }

    static String byteOf(int value) {
        return HEX.toHexDigits((byte) value);
    }

    static String shortOf(int value) {
        return HEX.toHexDigits((short) value);
    }

    /// Sends everything in one write. Spaces in the hex are for the reader.
    RawMqtt send(String... hex) {
        try {
            socket.getOutputStream().write(HEX.parseHex(String.join("", hex).replace(" ", "")));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The next packet.
    String packet() {
        var packet = packetOrEnd();
        if (packet.isEmpty()) throw new AssertionError("the server has closed");
        return packet;
    }

    /// The next packet, or nothing when the server has closed.
    String packetOrEnd() {
        try {
            var packet = new ByteArrayOutputStream();
            var first = in.read();
            if (first < 0) return "";
            packet.write(first);
            var length = 0;
            var shift = 0;
            int digit;
            do {
                digit = in.readUnsignedByte();
                packet.write(digit);
                length |= (digit & 0x7F) << shift;
                shift += 7;
            } while (digit > 0x7F);
            packet.write(in.readNBytes(length));
            return HEX.formatHex(packet.toByteArray());
        } catch (SocketException | EOFException closed) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What comes before the server closes.
    String untilClosed() {
        var all = new StringBuilder();
        for (var packet = packetOrEnd(); !packet.isEmpty(); packet = packetOrEnd()) all.append(packet).append(' ');
        return all.toString().strip();
    }

    /// Asks PINGREQ and expects that nothing but PINGRESP comes.
    RawMqtt expectNothingMore() {
        send("c000");
        assertThat(packet()).isEqualTo("d000");
        return this;
    }

    /// Ends with a TCP reset.
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
