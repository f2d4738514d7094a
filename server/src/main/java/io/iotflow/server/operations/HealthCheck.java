package io.iotflow.server.operations;

/// One part of the platform that can say how it is.
public interface HealthCheck {

    /// A short word in snake_case: `database`, `telemetry_store`.
    String name();

    /// Runs on a virtual thread, at most once a second however often `/health` is asked, and is given two seconds;
    /// no answer or an exception counts as unhealthy.
    Health check();

    /// A check from a name and a function.
    static HealthCheck of(String name, java.util.function.Supplier<Health> check) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Health check() {
                return check.get();
            }
        };
    }
}
