package io.iotflow.simulator;

import io.iotflow.simulator.model.DeviceType;
import java.time.Duration;

/// How one device has fared so far. Counts are of telemetry messages.
///
/// @param state        `waiting`, `connected`, `disconnected`, `dead` (its battery), `failed` or `finished`
/// @param sent         handed to the network, each counted once however often it was repeated
/// @param dropped      never sent because the drop fault said so
/// @param discarded    given up because the outbox was full while the network was down
/// @param lastProblem  empty when there was none
public record DeviceReport(String name, DeviceType type, String state, long sent, long acknowledged, long refused,
                           long dropped, long discarded, long reconnects, long commands, Duration latencyMedian,
                           Duration latency99, String lastProblem) {}
