package io.iotflow.server;

import io.iotflow.server.core.Setting;
import io.iotflow.server.ingest.StoreFollower.Pace;

/// Switches that take a part away so that its cost can be measured. Never for real use.
public record BenchConfig(
        @Setting(value = "normal", doc = "normal; slow makes every commit of the telemetry store take a second "
                + "longer; off stores nothing at all. For measuring only.") Pace store,
        @Setting(value = "true", doc = "false acknowledges messages without keeping them. For measuring only.")
        boolean log) {}
