package io.iotflow.server.configuration;

import io.iotflow.server.core.OrganizationPath;

/// Where versions belong: a target in an organization. The same type may have a configuration in several.
record Owner(Target target, OrganizationPath organization) {}
