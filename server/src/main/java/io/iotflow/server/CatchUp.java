package io.iotflow.server;

import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.StoreFollower;
import java.time.Duration;
import java.util.Optional;

/// Lets a question see everything that was acknowledged before it.
record CatchUp(StoreFollower follower, Lanes lanes) {
    /// Waits for the lanes and the store. Answers by how much the store is behind if that took too long.
    Optional<Duration> within(Duration atMost) {
        try {
            var began = System.nanoTime();
            var lanesAreThere = lanes.catchUp(atMost);
            var stale = follower.catchUp(atMost.minusNanos(System.nanoTime() - began));
            return lanesAreThere || stale.isPresent() ? stale : Optional.of(atMost.plusMillis(1));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.of(atMost);
        }
    }
}
