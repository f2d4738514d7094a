package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;

/// One metric of one device and the type that it keeps.
public record Series(String metric, Value.Type type) {}
