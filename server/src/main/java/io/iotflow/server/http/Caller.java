package io.iotflow.server.http;

import io.iotflow.server.core.DeviceId;
import java.util.Objects;

/// Who sent a request, as far as its credentials prove.
public sealed interface Caller {

    /// A device that showed its key. It may read and write itself only.
    record Device(DeviceId id, String name) implements Caller {
        public Device {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
        }
    }

    /// Whoever holds the operator's token.
    record Operator(String name) implements Caller {
        public Operator {
            Objects.requireNonNull(name, "name");
        }
    }

    /// Nobody in particular: no credentials were sent.
    record Anonymous() implements Caller {}
}
