package io.iotflow.server.rule;

/// What happens at a device that is no measurement, by the platform's clock.
enum Signal {
    /// Anything that it sends, late and repeated measurements as well.
    MESSAGE,
    /// Somebody has said to be the device and did not prove it.
    CREDENTIAL_REFUSED
}
