package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import org.jdbi.v3.core.Handle;

/// Whoever brings the default configurations of types to their devices.
@FunctionalInterface
public interface TypeConfigurations {
    /// In the transaction that keeps the type, or deletes it.
    ///
    /// @param values an object; empty for none
    /// @throws io.iotflow.server.core.PlatformException `INVALID` for what no device can be set to
    void set(Handle handle, Actor by, OrganizationPath organization, String type, JsonNode values);
}
