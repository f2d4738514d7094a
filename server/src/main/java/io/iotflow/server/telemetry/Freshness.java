package io.iotflow.server.telemetry;

import java.time.Duration;
import java.util.Optional;

/// Waits until questions see everything that was acknowledged before the call.
@FunctionalInterface
public interface Freshness {

    /// @return by how much the answer may be out of date when waiting was given up; empty when it is up to date
    Optional<Duration> catchUp(Duration atMost) throws InterruptedException;
}
