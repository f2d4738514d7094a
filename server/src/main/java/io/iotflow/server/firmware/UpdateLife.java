package io.iotflow.server.firmware;

import static io.iotflow.server.firmware.UpdateState.CANCELLED;
import static io.iotflow.server.firmware.UpdateState.FAILED;
import static io.iotflow.server.firmware.UpdateState.INSTALLED;
import static io.iotflow.server.firmware.UpdateState.INSTALLING;
import static io.iotflow.server.firmware.UpdateState.OFFERED;
import static io.iotflow.server.firmware.UpdateState.ROLLED_BACK;

import io.iotflow.server.core.Durations;
import io.iotflow.server.core.FirmwareLimits;
import java.time.Instant;

/// What becomes of an update. Pure: no clock, no store, no thread. What changes nothing answers the update itself, so
/// that the same said twice is harmless.
final class UpdateLife {
    private UpdateLife() {}

    static Update after(Update update, UpdateEvent event, Instant now) {
        return switch (event) {
            case UpdateEvent.Cancelled(var why) -> update.state().isOpen() && update.state() != INSTALLING
                    ? update.in(CANCELLED, update.progress(), why, now) : update;
            case UpdateEvent.DeviceGone _ -> update.state().isOpen()
                    ? update.in(CANCELLED, update.progress(), "the device was decommissioned", now) : update;
            case UpdateEvent.TimePassed _ -> update.dueAt().filter(due -> !due.isAfter(now)).isPresent()
                    ? failed(update, "nothing was heard for " + Durations.text(update.patience()), now) : update;
            case UpdateEvent.VersionSeen(var version) -> seen(update, version, now);
            case UpdateEvent.Reported report -> report.update().filter(id -> id != update.id()).isPresent()
                    ? update : reported(update, report, now);
        };
    }

    /// What the device runs decides, whatever it has said before.
    private static Update seen(Update update, String version, Instant now) {
        if (update.state().isOpen()) {
            return version.equals(update.toVersion()) ? update.in(INSTALLED, 100, "", now) : update;
        }
        return isBack(update, version, now)
                ? update.in(ROLLED_BACK, update.progress(), "the device runs " + version + " again", now) : update;
    }

    /// A device that boots the image and falls back to the one before has not been updated.
    private static boolean isBack(Update update, String version, Instant now) {
        return update.state() == INSTALLED && version.equals(update.fromVersion())
                && !version.equals(update.toVersion())
                && now.isBefore(update.endedAt().orElseThrow().plus(FirmwareLimits.FIRMWARE_SETTLE_TIME));
    }

    private static Update reported(Update update, UpdateEvent.Reported report, Instant now) {
        if (!update.state().isOpen()) return reportedAfterwards(update, report, now);
        var hash = report.sha256().filter(it -> !it.equals(update.sha256()));
        if (hash.isPresent()) return failed(update, "the device has the SHA-256 " + hash.get(), now);
        return switch (report.state()) {
            case INSTALLED -> report.version().filter(it -> !it.equals(update.toVersion()))
                    .map(other -> failed(update, "the device runs " + other, now))
                    .orElseGet(() -> update.in(INSTALLED, 100, report.detail(), now));
            case FAILED -> failed(update, report.detail(), now);
            case ROLLED_BACK -> update.in(ROLLED_BACK, update.progress(), report.detail(), now);
            case OFFERED, CANCELLED -> update; // not for a device to say
            case DOWNLOADING, DOWNLOADED, VERIFIED, INSTALLING -> forward(update, report, now);
        };
    }

    /// It has ended, but the device has gone back since, or could not be called back any more.
    private static Update reportedAfterwards(Update update, UpdateEvent.Reported report, Instant now) {
        if (report.state() == ROLLED_BACK && isBack(update, update.fromVersion(), now)) {
            return update.in(ROLLED_BACK, update.progress(), report.detail(), now);
        }
        return update.state() == CANCELLED && report.state() == INSTALLED && isOfThis(update, report, now)
                ? update.in(INSTALLED, 100, report.detail(), now) : update;
    }

    /// Whether what a device has installed is certainly this update's image. Without its number it may have come by
    /// another way, the more so the later.
    private static boolean isOfThis(Update update, UpdateEvent.Reported report, Instant now) {
        var isSoon = now.isBefore(update.endedAt().orElseThrow().plus(FirmwareLimits.FIRMWARE_SETTLE_TIME));
        return report.sha256().map(update.sha256()::equals).orElse(true)
                && report.version().map(update.toVersion()::equals).orElse(true)
                && (report.update().isPresent() || report.version().isPresent() && isSoon);
    }

    /// Never back: what comes late, or again, was said before.
    private static Update forward(Update update, UpdateEvent.Reported report, Instant now) {
        if (report.state().compareTo(update.state()) < 0) return update;
        var isNew = report.state() != update.state();
        var progress = Math.max(isNew ? 0 : update.progress(), report.progress().orElse(0));
        if (!isNew && progress == update.progress() && report.detail().equals(update.detail())) return update;
        return update.in(report.state(), progress, report.detail(), now);
    }

    /// Offered again, if it may still be.
    private static Update failed(Update update, String why, Instant now) {
        return update.attempts() < update.mostAttempts() ? update.again(why, now)
                : update.in(FAILED, update.progress(), why, now);
    }

    /// How many lines the timeline may have for a change to be another: none for what only counts on.
    static int mostSteps(Update before, Update after) {
        if (before.state() != after.state() || before.attempts() != after.attempts()) {
            return FirmwareLimits.FIRMWARE_STEPS;
        }
        var isNewDetail = before.progress() == after.progress() && !after.detail().isEmpty()
                && !after.detail().equals(before.detail());
        return isNewDetail ? FirmwareLimits.FIRMWARE_DETAIL_STEPS : 0;
    }
}
