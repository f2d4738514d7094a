package io.iotflow.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/// Knocks until one MQTT message is acknowledged. Blocks its caller.
public final class FirstMessage implements Wire.Answers {
    private static final long BETWEEN_KNOCKS_NANOS = 2_000_000;

    /// Throws when there is nothing left to wait for.
    public interface Alive {
        void check() throws IOException;
    }

    private boolean ready;
    private boolean acknowledged;
    private String failure;

    private FirstMessage() {}

    /// Returns when a QoS 1 message of this device is acknowledged. An address that does not listen yet, or a broker
    /// that does not let anybody in yet, is tried again.
    ///
    /// @return when the acknowledgement came, on the clock of [System#nanoTime]
    public static long awaitAcknowledged(InetSocketAddress address, Device device, String topic, Instant time,
                                         Alive alive, Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        IOException last = null;
        while (System.nanoTime() < end) {
            alive.check();
            try {
                new FirstMessage().send(address, MqttWire.publisher(device, topic, 1, new Payload(3)), time);
                return System.nanoTime();
            } catch (IOException e) {
                last = e;
                LockSupport.parkNanos(BETWEEN_KNOCKS_NANOS);
            }
        }
        throw new IOException("no message was acknowledged within " + patience.toSeconds() + " s", last);
    }

    private void send(InetSocketAddress address, MqttWire wire, Instant time) throws IOException {
        try (var channel = SocketChannel.open(address)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.write(ByteBuffer.wrap(wire.greeting()));
            var in = ByteBuffer.allocate(1 << 10);
            while (!ready) read(channel, wire, in);
            var out = ByteBuffer.allocate(wire.frameBytes());
            wire.encode(out, 0, time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000);
            channel.write(out.flip());
            while (!acknowledged) read(channel, wire, in);
            channel.write(ByteBuffer.wrap(wire.farewell()));
        }
    }

    private void read(SocketChannel channel, Wire wire, ByteBuffer in) throws IOException {
        if (channel.read(in.clear()) < 0) throw new IOException("closed by the other side");
        wire.read(in.flip(), this);
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
}
