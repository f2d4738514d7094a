package io.iotflow.server.configuration;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;

/// A living device, as far as it matters for what it inherits.
record Member(DeviceId device, OrganizationPath organization, String type) {}
