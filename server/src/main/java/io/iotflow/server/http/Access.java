package io.iotflow.server.http;

import java.util.Optional;

/// Who may call a route. Whether the caller may see the particular thing it asks for is the route's own business.
///
/// @param anybody    no credentials are needed
/// @param devices    devices may, with their own key
/// @param users      signed-in users and service tokens may
/// @param permission what a user or service token needs; empty if being one is enough
public record Access(boolean anybody, boolean devices, boolean users, Optional<Permission> permission) {
    public static final Access PUBLIC = new Access(true, true, true, Optional.empty());
    public static final Access DEVICE = new Access(false, true, false, Optional.empty());
    /// Whoever has shown who it is.
    public static final Access KNOWN = new Access(false, true, true, Optional.empty());
    /// Users and service tokens, whatever their role.
    public static final Access USER = new Access(false, false, true, Optional.empty());

    /// Users and service tokens that have the permission.
    public static Access with(Permission permission) {
        return new Access(false, false, true, Optional.of(permission));
    }

    /// Devices, and users and service tokens that have the permission.
    public static Access deviceOrWith(Permission permission) {
        return new Access(false, true, true, Optional.of(permission));
    }

    /// Whether the caller is one of these.
    public boolean admits(Caller caller) {
        return switch (caller) {
            case Caller.Device _ -> devices;
            case Caller.User user -> users && permission.map(user.permissions()::contains).orElse(true);
            case Caller.Anonymous _ -> anybody;
        };
    }
}
