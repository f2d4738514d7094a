package io.iotflow.server.notification;

/// Publishes on the platform's broker; handed in by whoever has it.
@FunctionalInterface
public interface AlertTopics {

    /// @param topic the whole of it, below `iotflow/alerts/`
    void publish(String topic, byte[] payload);
}
