package io.iotflow.server.shadow;

import io.iotflow.server.core.DeviceId;

/// A half of a device's shadow has changed.
///
/// @param half    `reported` or `desired`
/// @param version of the whole shadow
public record ShadowChanged(DeviceId device, String half, long version, boolean isDifferent) {}
