package io.iotflow.server.firmware;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// One device on its way from one firmware to another.
///
/// @param rollout     that offers it; empty if a person did so for this device alone
/// @param isRollback  back to the image before, after a rollout was halted
/// @param toVersion   the image's
/// @param attempts    with the present one
/// @param patience    how long nothing may be heard once the device has begun
/// @param dueAt       when the attempt counts as failed; empty while the device has not begun
/// @param isUntold    whether the device has still to be told what is new
public record Update(long id, OrganizationPath organization, DeviceId device, long image, Optional<Long> rollout,
                     boolean isRollback, String fromVersion, String toVersion, String sha256, UpdateState state,
                     int progress, String detail, int attempts, int mostAttempts, Duration patience,
                     Optional<Instant> dueAt, boolean isUntold, Instant offeredAt, Instant changedAt,
                     Optional<Instant> endedAt) {

    private static final String STOPPED = " (the device has stopped)";

    public Update {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(device, "device");
        if (state.isOpen() != endedAt.isEmpty()) throw new IllegalArgumentException(state + " ended at " + endedAt);
    }

    /// The same in another state; where it has ended, the device is told.
    Update in(UpdateState next, int percent, String why, Instant now) {
        var isOpen = next.isOpen();
        return new Update(id, organization, device, image, rollout, isRollback, fromVersion, toVersion, sha256, next,
                percent, why, attempts, mostAttempts, patience,
                isOpen && next != UpdateState.OFFERED ? Optional.of(now.plus(patience)) : Optional.empty(),
                isUntold || !isOpen, offeredAt, now, isOpen ? Optional.empty() : Optional.of(now));
    }

    /// What the device runs since this has ended; empty while it is open, and where that says nothing.
    Optional<String> running() {
        return switch (state) {
            case INSTALLED -> Optional.of(toVersion);
            case ROLLED_BACK -> Optional.of(fromVersion).filter(version -> !version.isEmpty());
            case OFFERED, DOWNLOADING, DOWNLOADED, VERIFIED, INSTALLING, FAILED, CANCELLED -> Optional.empty();
        };
    }

    /// Whether the device has said that it has stopped.
    boolean isAcknowledged() {
        return detail.endsWith(STOPPED);
    }

    /// The device has said so.
    Update acknowledged(Instant now) {
        return in(state, progress, detail + STOPPED, now);
    }

    /// Offered once more.
    Update again(String why, Instant now) {
        return new Update(id, organization, device, image, rollout, isRollback, fromVersion, toVersion, sha256,
                UpdateState.OFFERED, 0, why, attempts + 1, mostAttempts, patience, Optional.empty(), true, offeredAt,
                now, Optional.empty());
    }
}
