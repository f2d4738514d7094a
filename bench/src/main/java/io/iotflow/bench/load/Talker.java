package io.iotflow.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;

/// One device on one MQTT connection that says one of two things, one message at a time. Blocks its caller.
public final class Talker implements Wire.Answers, AutoCloseable {
    private final SocketChannel channel;
    private final MqttWire low;
    private final MqttWire high;
    private final InstantSource clock;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 10);
    private boolean ready;
    private boolean acknowledged;
    private String failure;
    private long lastMicros;

    private Talker(SocketChannel channel, MqttWire low, MqttWire high, InstantSource clock) {
        this.channel = channel;
        this.low = low;
        this.high = high;
        this.clock = clock;
    }

    public static Talker connect(InetSocketAddress address, Device device, String topic, Payload low, Payload high,
                                 InstantSource clock) throws IOException {
        var channel = SocketChannel.open(address);
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var talker = new Talker(channel, MqttWire.publisher(device, topic, 1, low),
                    MqttWire.publisher(device, topic, 1, high), clock);
            channel.write(ByteBuffer.wrap(talker.low.greeting()));
            while (!talker.ready) talker.read();
            return talker;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// @return when the acknowledgement came, on the clock of [System#nanoTime]
    public long say(boolean isHigh) throws IOException {
        var wire = isHigh ? high : low;
        var out = ByteBuffer.allocate(wire.frameBytes());
        var now = clock.instant();
        lastMicros = Math.max(lastMicros + 1, now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000);
        acknowledged = false;
        wire.encode(out, 0, lastMicros);
        channel.write(out.flip());
        while (!acknowledged) read();
        return System.nanoTime();
    }

    private void read() throws IOException {
        if (channel.read(in.clear()) < 0) throw new IOException("closed by the other side");
        low.read(in.flip(), this);
        if (failure != null) throw new IOException(failure);
    }

    @Override
    public void ready() {
        ready = true;
    }

    @Override
    public void acknowledged(int slot) {
        acknowledged = true;
    }

    @Override
    public void refused(int slot, int code) {
        failure = "refused with " + code;
    }

    @Override
    public void delivered() {
        failure = "a message that nobody asked for";
    }

    @Override
    public void broken(String why) {
        failure = why;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            channel.write(ByteBuffer.wrap(low.farewell()));
        }
    }
}
