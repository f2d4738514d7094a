package io.iotflow.server.operations;

import java.util.Map;
import java.util.Objects;

/// How one part of the platform is.
///
/// @param detail       one sentence for the operator
/// @param measurements figures behind it, in snake_case with their unit in the name: `lag_ms`
public record Health(Status status, String detail, Map<String, Object> measurements) {

    /// Degraded still serves; unhealthy takes the platform out of a load balancer.
    public enum Status { HEALTHY, DEGRADED, UNHEALTHY }

    public Health {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(detail, "detail");
        measurements = Map.copyOf(measurements);
    }

    public static Health healthy(String detail, Map<String, Object> measurements) {
        return new Health(Status.HEALTHY, detail, measurements);
    }

    public static Health degraded(String detail, Map<String, Object> measurements) {
        return new Health(Status.DEGRADED, detail, measurements);
    }

    public static Health unhealthy(String detail, Map<String, Object> measurements) {
        return new Health(Status.UNHEALTHY, detail, measurements);
    }
}
