package io.iotflow.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;

/// Knocks until one MQTT message is acknowledged. Blocks its caller.
public final class FirstMessage {
    private static final long BETWEEN_KNOCKS_NANOS = 2_000_000;

    /// Throws when there is nothing left to wait for.
    public interface Alive {
        void check() throws IOException;
    }

    private FirstMessage() {}

    /// Returns when a QoS 1 message of this device is acknowledged. An address that does not listen yet, or a broker
    /// that does not let anybody in yet, is tried again.
    ///
    /// @return when the acknowledgement came, on the clock of [System#nanoTime]
    public static long awaitAcknowledged(InetSocketAddress address, Device device, String topic, Instant time,
                                         Alive alive, Duration patience) throws IOException {
        var clock = InstantSource.fixed(time);
        var payload = new Payload(3);
        long end = System.nanoTime() + patience.toNanos();
        IOException last = null;
        while (System.nanoTime() < end) {
            alive.check();
            try (var talker = Talker.connect(address, device, topic, payload, payload, clock)) {
                return talker.say(false);
            } catch (IOException e) {
                last = e;
                LockSupport.parkNanos(BETWEEN_KNOCKS_NANOS);
            }
        }
        throw new IOException("no message was acknowledged within " + patience.toSeconds() + " s", last);
    }
}
