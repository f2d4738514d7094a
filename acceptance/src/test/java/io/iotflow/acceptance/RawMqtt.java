package io.iotflow.acceptance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// MQTT 3.1.1 by hand: as fast as a socket, and free to do what a well-behaved client would not. Blocking; one thread
/// may write while another reads.
final class RawMqtt implements AutoCloseable {
    static final int CONNACK = 2;
    static final int PUBACK = 4;
    static final int SUBACK = 9;
    private static final int READ_BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final DataInputStream in;

    /// @param header the first byte of the packet
    record Packet(int header, byte[] content) {
        int type() {
            return header >> 4 & 15;
        }

        int number(int offset) {
            return (content[offset] & 0xFF) << 8 | content[offset + 1] & 0xFF;
        }
    }

    private RawMqtt(Socket socket) throws IOException {
        this.socket = socket;
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), READ_BUFFER_BYTES));
    }

    /// Only the TCP connection.
    static RawMqtt open(int port) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        return new RawMqtt(socket);
    }

    /// Connects and signs in with a clean session.
    static RawMqtt connect(int port, String clientId, String user, String password) throws IOException {
        var mqtt = open(port);
        var content = new ByteArrayOutputStream();
        text(content, "MQTT");
        content.write(4);
        content.write(0b1100_0010);
        content.write(0);
        content.write(120);
        text(content, clientId);
        text(content, user);
        text(content, password);
        mqtt.write(packet(0x10, content.toByteArray()));
        var answer = mqtt.read();
        if (answer.type() == CONNACK && answer.content()[1] == 0) return mqtt;
        mqtt.close();
        throw new IOException("refused: " + answer.content()[1]);
    }

    /// @param id 0 for QoS 0, otherwise the packet id of a QoS 1 message
    static byte[] publish(String topic, byte[] payload, int id) {
        var content = new ByteArrayOutputStream();
        text(content, topic);
        if (id > 0) {
            content.write(id >> 8);
            content.write(id);
        }
        content.writeBytes(payload);
        return packet(id > 0 ? 0x32 : 0x30, content.toByteArray());
    }

    static byte[] subscribe(String filter, int id) {
        var content = new ByteArrayOutputStream();
        content.write(id >> 8);
        content.write(id);
        text(content, filter);
        content.write(0);
        return packet(0x82, content.toByteArray());
    }

    static byte[] packet(int header, byte[] content) {
        var out = new ByteArrayOutputStream(content.length + 5);
        out.write(header);
        var length = content.length;
        do {
            out.write(length % 128 | (length >= 128 ? 0x80 : 0));
            length /= 128;
        } while (length > 0);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /// @throws IOException also at the end of the connection
    Packet read() throws IOException {
        var header = in.readUnsignedByte();
        var length = 0;
        for (int shift = 0; ; shift += 7) {
            var octet = in.readUnsignedByte();
            length |= (octet & 0x7F) << shift;
            if (octet < 128) break;
        }
        return new Packet(header, in.readNBytes(length));
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
