package io.iotflow.server.core;

import java.util.Locale;
import java.util.Objects;

/// Who does something, in which organization's name, and from where: what a change has to know of its cause.
///
/// @param id       the user's, token's or device's number; empty for the platform itself
/// @param organization the change can reach what belongs to it and to those below it
/// @param address  the network address that it came from; empty if it came from inside
/// @param protocol `http`, `mqtt`; empty if it came from inside
public record Actor(Kind kind, String id, String name, OrganizationPath organization, String address,
                    String protocol) {
    /// The platform's own work.
    public static final Actor PLATFORM =
            new Actor(Kind.PLATFORM, "", "iotflow", OrganizationPath.ROOT, "", "");

    public enum Kind {
        USER, TOKEN, DEVICE,
        /// Nobody in particular: what anybody may do, such as registering where that is open.
        ANYBODY,
        PLATFORM;

        /// As the audit log writes it.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Actor {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(organization, "organization");
    }

    /// `user 3 (anna)`.
    @Override
    public String toString() {
        return kind.word() + (id.isEmpty() ? "" : " " + id) + " (" + name + ")";
    }
}
