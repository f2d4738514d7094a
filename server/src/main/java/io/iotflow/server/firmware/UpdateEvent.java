package io.iotflow.server.firmware;

import java.util.Objects;
import java.util.Optional;

/// Something that may move an update.
sealed interface UpdateEvent {

    /// The device has said how far it is.
    ///
    /// @param update  the number of the update that it speaks of, if it says so
    /// @param sha256  of what it has downloaded
    /// @param version that it runs now
    record Reported(Optional<Long> update, UpdateState state, Optional<Integer> progress, String detail,
                    Optional<String> sha256, Optional<String> version) implements UpdateEvent {
        public Reported {
            Objects.requireNonNull(state, "state");
        }

        static Reported of(UpdateState state, String detail) {
            return new Reported(Optional.empty(), state, Optional.empty(), detail, Optional.empty(), Optional.empty());
        }
    }

    /// The registry says that the device runs this version.
    record VersionSeen(String version) implements UpdateEvent {}

    /// It is as late as it is.
    record TimePassed() implements UpdateEvent {}

    /// The device's life has ended.
    record DeviceGone() implements UpdateEvent {}

    /// Somebody wants it to end.
    record Cancelled(String why) implements UpdateEvent {}
}
