package io.iotflow.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Devices that do at once what they are told: each acknowledges a command and says that it is done. MQTT 3.1.1, a
/// connection each, on one thread.
public final class ObedientFleet implements AutoCloseable {
    private static final int CONNECTING = 100;
    private static final long CONNECT_SECONDS = 180;
    private static final byte[] ID = "{\"id\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int ID_BYTES = 36;
    private static final byte[] RESULT = "{\"status\":\"success\"}".getBytes(StandardCharsets.US_ASCII);
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int SUBACK = 9;

    private final Selector selector = Selector.open();
    private final ArrayDeque<Device> unconnected;
    private final SocketAddress address;
    private final ByteBuffer in = ByteBuffer.allocateDirect(256 << 10);
    private final CountDownLatch listening;
    private final Thread thread;
    private volatile long received;
    private volatile long answered;
    private volatile long broken;
    private volatile boolean isClosed;
    private int connecting;

    private static final class Line {
        private final Device device;
        private ByteBuffer rest = ByteBuffer.allocate(0);
        private int packetId;
        private boolean isListening;

        private Line(Device device) {
            this.device = device;
        }
    }

    private ObedientFleet(SocketAddress address, List<Device> devices) throws IOException {
        this.address = address;
        unconnected = new ArrayDeque<>(devices);
        listening = new CountDownLatch(devices.size());
        thread = Thread.ofPlatform().name("obedient").daemon().unstarted(this::run);
    }

    /// Returns when all listen for commands.
    public static ObedientFleet connect(SocketAddress address, List<Device> devices)
            throws IOException, InterruptedException {
        var fleet = new ObedientFleet(address, devices);
        fleet.thread.start();
        if (!fleet.listening.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
            fleet.close();
            throw new IOException(fleet.listening.getCount() + " devices did not listen within " + CONNECT_SECONDS
                    + " s");
        }
        return fleet;
    }

    /// Commands that have come.
    public long received() {
        return received;
    }

    /// Results that were acknowledged.
    public long answered() {
        return answered;
    }

    public long broken() {
        return broken;
    }

    private void run() {
        try {
            while (!isClosed) {
                while (connecting < CONNECTING && !unconnected.isEmpty()) open(unconnected.remove());
                selector.select(50);
                for (var key : selector.selectedKeys()) serve(key);
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            broken++;
        }
    }

    private void open(Device device) throws IOException {
        var channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(address);
        channel.register(selector, SelectionKey.OP_CONNECT, new Line(device));
        connecting++;
    }

    private void serve(SelectionKey key) throws IOException {
        var channel = (SocketChannel) key.channel();
        var line = (Line) key.attachment();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                var greeting = new ByteArrayOutputStream();
                greeting.writeBytes(MqttWire.connect(line.device));
                greeting.writeBytes(MqttWire.subscription("devices/" + line.device.name() + "/commands", 1));
                write(channel, greeting.toByteArray());
            } else if (key.isReadable()) {
                read(channel, line);
            }
        } catch (IOException e) {
            broken++;
            if (!line.isListening) connecting--;
            key.cancel();
            channel.close();
        }
    }

    private void read(SocketChannel channel, Line line) throws IOException {
        in.clear().put(line.rest);
        if (channel.read(in) < 0) throw new IOException("closed");
        in.flip();
        while (true) {
            var start = in.position();
            var length = lengthOf(in);
            if (length < 0 || in.remaining() < length) {
                in.position(start);
                break;
            }
            var type = Byte.toUnsignedInt(in.get(start)) >> 4;
            var end = in.position() + length;
            packet(channel, line, type, in.slice(in.position(), length));
            in.position(end);
        }
        line.rest = ByteBuffer.allocate(in.remaining()).put(in).flip();
    }

    /// The remaining length, with the position after it; -1 when it has not arrived whole.
    private static int lengthOf(ByteBuffer in) {
        if (!in.hasRemaining()) return -1;
        in.get();
        var length = 0;
        for (var shift = 0; shift < 28; shift += 7) {
            if (!in.hasRemaining()) return -1;
            var octet = in.get();
            length |= (octet & 0x7F) << shift;
            if (octet >= 0) return length;
        }
        return -1;
    }

    private void packet(SocketChannel channel, Line line, int type, ByteBuffer content) throws IOException {
        switch (type) {
            case SUBACK -> {
                line.isListening = true;
                connecting--;
                listening.countDown();
            }
            case PUBACK -> answered++;
            case PUBLISH -> obey(channel, line, content);
            default -> { } // CONNACK
        }
    }

    private void obey(SocketChannel channel, Line line, ByteBuffer content) throws IOException {
        var topic = new byte[content.getShort()];
        content.get(topic);
        var packetId = content.getShort();
        var id = new byte[ID_BYTES];
        content.get(new byte[ID.length]).get(id);
        received++;
        var answer = new ByteArrayOutputStream();
        answer.writeBytes(MqttWire.packet(PUBACK << 4, new byte[] {(byte) (packetId >> 8), (byte) packetId}));
        var result = new ByteArrayOutputStream();
        MqttWire.text(result, "devices/" + line.device.name() + "/commands/"
                + new String(id, StandardCharsets.US_ASCII) + "/result");
        line.packetId = line.packetId % 65_535 + 1;
        result.write(line.packetId >> 8);
        result.write(line.packetId);
        result.writeBytes(RESULT);
        answer.writeBytes(MqttWire.packet(PUBLISH << 4 | 2, result.toByteArray()));
        write(channel, answer.toByteArray());
    }

    /// So little that a socket takes it at once.
    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        var out = ByteBuffer.wrap(bytes);
        channel.write(out);
        if (out.hasRemaining()) throw new IOException("the socket is full");
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (var key : selector.keys()) key.channel().close();
        selector.close();
    }
}
