package io.iotflow.server.http;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;

/// Callers that tests speak as.
public final class Callers {
    /// May do everything everywhere.
    public static final Caller.User ADMIN =
            new Caller.User(Actor.Kind.TOKEN, "admin", "admin", OrganizationPath.ROOT, Permission.ADMIN);

    private Callers() {}

    public static Caller.Device device(long id, String name) {
        return new Caller.Device(new DeviceId(id), name, OrganizationPath.ROOT);
    }
}
