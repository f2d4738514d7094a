package io.iotflow.bench.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// MQTT 3.1.1. The packet id is the slot plus one, so an answer finds its message without a table.
final class MqttWire implements Wire {
    /// No pings are sent: longer than any run.
    private static final int KEEP_ALIVE_SECONDS = 3_600;
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int SUBACK = 9;
    private static final int ACKNOWLEDGED = PUBACK << 28 | 2 << 16;

    private final byte[] greeting;
    private final boolean subscriber;
    private final int qos;
    private final Payload payload;
    private final byte[] frame;
    private final int packetId;
    private final int body;

    // Where the reader stands inside a packet that has not arrived whole.
    private int type = -1;
    private int shift;
    private int left = -1;
    private int seen;
    private int firstTwo;

    /// A device that publishes.
    static MqttWire publisher(Device device, String topic, int qos, Payload payload) {
        return new MqttWire(device, topic, qos, payload);
    }

    /// A client that counts what it is sent, at QoS 0.
    static MqttWire subscriber(Device client, String filter) {
        return new MqttWire(client, filter, 0, null);
    }

    private MqttWire(Device device, String topic, int qos, Payload payload) {
        if (qos < 0 || qos > 1) throw new IllegalArgumentException("QoS 0 and 1 are supported");
        this.qos = qos;
        this.payload = payload;
        subscriber = payload == null;
        if (subscriber) {
            var both = new ByteArrayOutputStream();
            both.writeBytes(connect(device));
            both.writeBytes(subscription(topic, 0));
            greeting = both.toByteArray();
            frame = new byte[0];
            packetId = body = 0;
            return;
        }
        greeting = connect(device);
        var content = new ByteArrayOutputStream();
        text(content, topic);
        if (qos > 0) content.writeBytes(new byte[2]);
        int payloadAt = content.size();
        content.writeBytes(payload.bytes());
        frame = packet(PUBLISH << 4 | qos << 1, content.toByteArray());
        body = frame.length - content.size() + payloadAt;
        packetId = body - 2;
    }

    static byte[] connect(Device device) {
        var content = new ByteArrayOutputStream();
        text(content, "MQTT");
        content.write(4);
        boolean credentials = !device.apiKey().isEmpty();
        content.write(credentials ? 0b1100_0010 : 0b0000_0010);
        content.write(KEEP_ALIVE_SECONDS >> 8);
        content.write(KEEP_ALIVE_SECONDS);
        text(content, device.name());
        if (credentials) {
            text(content, device.name());
            text(content, device.apiKey());
        }
        return packet(1 << 4, content.toByteArray());
    }

    static byte[] subscription(String filter, int qos) {
        var content = new ByteArrayOutputStream();
        content.write(0);
        content.write(1);
        text(content, filter);
        content.write(qos);
        return packet(8 << 4 | 2, content.toByteArray());
    }

    static void text(ByteArrayOutputStream out, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    static byte[] packet(int header, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(header);
        int length = content.length;
        do {
            out.write(length % 128 | (length >= 128 ? 0x80 : 0));
            length /= 128;
        } while (length > 0);
        out.writeBytes(content);
        return out.toByteArray();
    }

    @Override
    public byte[] greeting() {
        return greeting;
    }

    @Override
    public boolean readyAtOnce() {
        return false;
    }

    @Override
    public boolean answered() {
        return qos > 0;
    }

    @Override
    public int frameBytes() {
        return frame.length;
    }

    @Override
    public byte[] farewell() {
        return new byte[] {(byte) (14 << 4), 0};
    }

    @Override
    public void encode(ByteBuffer out, int slot, long micros) {
        if (qos > 0) {
            int id = slot + 1;
            frame[packetId] = (byte) (id >> 8);
            frame[packetId + 1] = (byte) id;
        }
        payload.patch(frame, body, micros);
        out.put(frame);
    }

    @Override
    public void read(ByteBuffer in, Answers answers) {
        while (in.hasRemaining()) {
            if (type < 0 && in.remaining() >= 4) {
                int packet = in.getInt(in.position());
                if ((packet & 0xFFFF0000) == ACKNOWLEDGED) {
                    in.position(in.position() + 4);
                    answers.acknowledged((packet & 0xFFFF) - 1);
                    continue;
                }
            }
            step(in, answers);
        }
    }

    /// Moves on by one byte of a header, or by as much of a body as there is.
    private void step(ByteBuffer in, Answers answers) {
        if (type < 0) {
            type = in.get() & 0xFF;
            shift = left = seen = firstTwo = 0;
            return;
        }
        if (shift >= 0) {
            int octet = in.get();
            left |= (octet & 0x7F) << shift;
            shift = octet < 0 ? shift + 7 : -1;
            if (shift > 21) answers.broken("a packet's length takes more than four bytes");
            if (shift >= 0 || left > 0) return;
        }
        while (left > 0 && seen < 2 && in.hasRemaining()) {
            firstTwo = firstTwo << 8 | in.get() & 0xFF;
            seen++;
            left--;
        }
        int skipped = Math.min(left, in.remaining());
        in.position(in.position() + skipped);
        left -= skipped;
        if (left > 0) return;
        int finished = type >> 4;
        type = -1;
        arrived(finished, answers);
    }

    private void arrived(int packet, Answers answers) {
        switch (packet) {
            case CONNACK -> {
                if ((firstTwo & 0xFF) != 0) answers.broken("CONNACK return code " + (firstTwo & 0xFF));
                else if (!subscriber) answers.ready();
            }
            case PUBACK -> answers.acknowledged(firstTwo - 1);
            case PUBLISH -> answers.delivered();
            case SUBACK -> answers.ready();
            default -> { }
        }
    }
}
