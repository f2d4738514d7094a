package io.iotflow.server.access;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;

/// Whom users from one place outside become here.
record Welcome(OrganizationPath organization, RoleMapping roles) {

    /// @param key under which the organization is configured
    static Welcome of(Organizations organizations, String key, long organization, RoleMapping roles) {
        try {
            return new Welcome(organizations.require(OrganizationPath.ROOT, organization).path(), roles);
        } catch (PlatformException _) {
            throw new CannotStart(key + " is " + organization + ", and there is no such organization");
        }
    }
}
