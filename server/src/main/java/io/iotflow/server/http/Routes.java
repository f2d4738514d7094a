package io.iotflow.server.http;

/// What a feature answers over HTTP.
@FunctionalInterface
public interface Routes {

    /// Called once, before the port opens.
    void declare(RouteTable table);
}
