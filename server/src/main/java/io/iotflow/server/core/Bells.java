package io.iotflow.server.core;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Wakes requests that wait for something of a device. For all threads. Whoever waits listens first, then looks, then
/// waits; and looks again now and then, for a bell may have rung on another node.
public final class Bells {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final Map<DeviceId, CompletableFuture<Void>> bells = new ConcurrentHashMap<>();

    /// What rings next.
    public final class Bell {
        private final DeviceId device;
        private final CompletableFuture<Void> rung;

        private Bell(DeviceId device) {
            this.device = device;
            rung = bells.computeIfAbsent(device, _ -> new CompletableFuture<>());
        }

        /// Until it rings, or it is time to look again, but not beyond the deadline of `System.nanoTime()`.
        ///
        /// @return false when the deadline has come
        public boolean await(long deadline) throws InterruptedException {
            var left = Math.min(deadline - System.nanoTime(), LOOK_AGAIN.toNanos());
            if (left <= 0) {
                bells.remove(device, rung);
                return false;
            }
            try {
                rung.get(left, TimeUnit.NANOSECONDS);
            } catch (TimeoutException _) {
                bells.remove(device, rung);
            } catch (ExecutionException e) {
                throw new IllegalStateException("BUG: a bell failed", e.getCause());
            }
            return true;
        }
    }

    public Bell listen(DeviceId device) {
        return new Bell(device);
    }

    public void ring(DeviceId device) {
        var bell = bells.remove(device);
        if (bell != null) bell.complete(null);
    }

    public void ringAll() {
        bells.keySet().forEach(this::ring);
    }
}
