package io.iotflow.server.http;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Who sent a request, as far as its credentials prove.
public sealed interface Caller {

    /// Whose records it may see, as far as it may see any: its organization's and those of all below.
    OrganizationPath organization();

    /// The same caller as the cause of a change.
    Actor actor(String address, String protocol);

    /// A device that showed its key. It may read and write itself only.
    ///
    /// @param isWaiting  it is not admitted yet: its key works on routes that say so, and nowhere else
    /// @param quarantine it is suspected, with the same effect; a sentence that says why
    record Device(DeviceId id, String name, OrganizationPath organization, boolean isWaiting,
                  Optional<String> quarantine) implements Caller {
        /// One that has been admitted.
        public Device(DeviceId id, String name, OrganizationPath organization) {
            this(id, name, organization, false, Optional.empty());
        }

        public Device {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(organization, "organization");
        }

        @Override
        public Actor actor(String address, String protocol) {
            return new Actor(Actor.Kind.DEVICE, id.toString(), name, organization, address, protocol);
        }
    }

    /// A person who has signed in, or a program with a service token.
    ///
    /// @param kind USER or TOKEN
    /// @param id   the user's or token's number; `admin` for whoever holds the operator's token
    record User(Actor.Kind kind, String id, String name, OrganizationPath organization, Set<Permission> permissions)
            implements Caller {
        public User {
            Objects.requireNonNull(name, "name");
            permissions = Set.copyOf(permissions);
        }

        public boolean may(Permission permission) {
            return permissions.contains(permission);
        }

        @Override
        public Actor actor(String address, String protocol) {
            return new Actor(kind, id, name, organization, address, protocol);
        }
    }

    /// Nobody in particular: no credentials were sent.
    record Anonymous() implements Caller {
        @Override
        public OrganizationPath organization() {
            return OrganizationPath.ROOT;
        }

        @Override
        public Actor actor(String address, String protocol) {
            return new Actor(Actor.Kind.ANYBODY, "", "anybody", OrganizationPath.ROOT, address, protocol);
        }
    }
}
