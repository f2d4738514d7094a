package io.iotflow.server.device;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Where a device stands in its life. Pure: which step may follow which.
public enum DeviceStatus {
    /// Known, but not yet admitted: it may ask for its status, and nothing else.
    PROVISIONING,
    ACTIVE,
    /// Out of use for a while, by its own word or an operator's.
    INACTIVE,
    MAINTENANCE,
    /// Suspected: it may connect, so that it can be repaired, but its data is refused.
    QUARANTINED,
    /// Gone for good: its keys are revoked and its name is free again.
    DECOMMISSIONED;

    /// The states that may come next.
    public Set<DeviceStatus> next() {
        return switch (this) {
            case PROVISIONING -> EnumSet.of(ACTIVE, QUARANTINED, DECOMMISSIONED);
            case ACTIVE -> EnumSet.of(INACTIVE, MAINTENANCE, QUARANTINED, DECOMMISSIONED);
            case INACTIVE -> EnumSet.of(ACTIVE, MAINTENANCE, QUARANTINED, DECOMMISSIONED);
            case MAINTENANCE -> EnumSet.of(ACTIVE, INACTIVE, QUARANTINED, DECOMMISSIONED);
            case QUARANTINED -> EnumSet.of(ACTIVE, INACTIVE, MAINTENANCE, DECOMMISSIONED);
            case DECOMMISSIONED -> EnumSet.noneOf(DeviceStatus.class);
        };
    }

    /// The state after a wish for `wanted`; wishing for the present one changes nothing.
    ///
    /// @throws PlatformException `CONFLICT`, naming what is allowed
    public DeviceStatus after(DeviceStatus wanted) {
        if (wanted == this || next().contains(wanted)) return wanted;
        var allowed = next().isEmpty() ? "nothing may follow"
                : "allowed: " + next().stream().map(DeviceStatus::word).collect(Collectors.joining(", "));
        throw new PlatformException(ErrorCode.CONFLICT,
                "A device that is " + word() + " cannot become " + wanted.word() + "; " + allowed + ".");
    }

    /// What a device may say of itself: it can neither admit itself nor leave quarantine.
    public DeviceStatus afterOwnWord(DeviceStatus wanted) {
        var own = EnumSet.of(ACTIVE, INACTIVE, MAINTENANCE);
        if (wanted == this || own.contains(this) && own.contains(wanted)) return wanted;
        throw new PlatformException(ErrorCode.CONFLICT, "A device that is " + word()
                + " cannot make itself " + wanted.word() + "; an operator can.");
    }

    /// Whether its telemetry is taken.
    public boolean mayPublish() {
        return this != PROVISIONING && this != QUARANTINED && this != DECOMMISSIONED;
    }

    /// As it stands in JSON and in the database.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DeviceStatus> find(String word) {
        var lower = word.toLowerCase(Locale.ROOT);
        return Arrays.stream(values()).filter(status -> status.word().equals(lower)).findFirst();
    }

    /// @throws PlatformException `INVALID` for any other word
    public static DeviceStatus of(String word) {
        return find(word).orElseThrow(() -> PlatformException.invalid("status", "must be one of "
                + Arrays.stream(values()).map(DeviceStatus::word).collect(Collectors.joining(", "))));
    }
}
