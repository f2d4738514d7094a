package io.iotflow.server.core;

/// A device's number, given at registration and never used again.
public record DeviceId(long value) {

    public DeviceId {
        if (value <= 0) throw new IllegalArgumentException("a device id is positive, not " + value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
