package io.iotflow.simulator;

import java.time.Duration;
import java.time.Instant;

/// How a simulation stands. Counts are of telemetry messages.
///
/// @param enrolled    devices that have their keys
/// @param lastProblem of any device, empty when there was none
public record Progress(Instant simulatedTime, int devices, int enrolled, int connected, long sent, long acknowledged,
                       long refused, long dropped, long discarded, long reconnects, Duration latencyMedian,
                       Duration latency99, String lastProblem) {}
