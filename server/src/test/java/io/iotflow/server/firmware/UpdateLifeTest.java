package io.iotflow.server.firmware;

import static io.iotflow.server.firmware.UpdateState.CANCELLED;
import static io.iotflow.server.firmware.UpdateState.DOWNLOADED;
import static io.iotflow.server.firmware.UpdateState.DOWNLOADING;
import static io.iotflow.server.firmware.UpdateState.FAILED;
import static io.iotflow.server.firmware.UpdateState.INSTALLED;
import static io.iotflow.server.firmware.UpdateState.INSTALLING;
import static io.iotflow.server.firmware.UpdateState.OFFERED;
import static io.iotflow.server.firmware.UpdateState.ROLLED_BACK;
import static io.iotflow.server.firmware.UpdateState.VERIFIED;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UpdateLifeTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String HASH = "a".repeat(64);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static Update offered(int mostAttempts) {
        return new Update(7, OrganizationPath.ROOT, new DeviceId(3), 1, Optional.empty(), false, "1.0", "2.0", HASH,
                OFFERED, 0, "", 1, mostAttempts, PATIENCE, Optional.empty(), false, NOON, NOON, Optional.empty());
    }

    private static UpdateEvent says(UpdateState state) {
        return UpdateEvent.Reported.of(state, "");
    }

    private static UpdateEvent.Reported says(UpdateState state, String hash, String version) {
        return new UpdateEvent.Reported(Optional.empty(), state, Optional.empty(), "", Optional.ofNullable(hash),
                Optional.ofNullable(version));
    }

    private static Update after(Update update, UpdateEvent... events) {
        var now = update.changedAt();
        for (var event : events) {
            now = now.plusSeconds(1);
            update = UpdateLife.after(update, event, now);
        }
        return update;
    }

    private static void check(UpdateState expected, UpdateEvent... events) {
        assertThat(after(offered(1), events).state()).as(List.of(events).toString()).isEqualTo(expected);
    }

    @Test
    void goesForwardAndNeverBack() {
        check(DOWNLOADING, says(DOWNLOADING));
        check(INSTALLED, says(DOWNLOADING), says(DOWNLOADED), says(VERIFIED), says(INSTALLING), says(INSTALLED));
        check(VERIFIED, says(VERIFIED), says(DOWNLOADING), says(DOWNLOADED));
        check(INSTALLED, says(INSTALLED), says(FAILED), says(DOWNLOADING));
        check(FAILED, says(DOWNLOADING), says(FAILED), says(INSTALLED));
        check(ROLLED_BACK, says(INSTALLING), says(ROLLED_BACK));
    }

    @Test
    void whatTheDeviceRunsDecides() {
        check(INSTALLED, new UpdateEvent.VersionSeen("2.0"));
        check(INSTALLING, says(INSTALLING), new UpdateEvent.VersionSeen("1.0"));
        check(FAILED, says(INSTALLED, null, "1.0"));
        check(INSTALLED, says(INSTALLED, null, "2.0"));
        check(FAILED, says(DOWNLOADED, "b".repeat(64), null));
        check(DOWNLOADED, says(DOWNLOADED, HASH, null));
    }

    @Test
    void aDeviceThatFallsBackSoonAfterwardsHasNotBeenUpdated() {
        check(ROLLED_BACK, says(INSTALLED), new UpdateEvent.VersionSeen("1.0"));
        check(ROLLED_BACK, says(INSTALLED), says(ROLLED_BACK));
        var installed = after(offered(1), says(INSTALLED));
        var later = installed.changedAt().plus(FirmwareLimits.FIRMWARE_SETTLE_TIME);
        assertThat(UpdateLife.after(installed, new UpdateEvent.VersionSeen("1.0"), later)).isSameAs(installed);
        assertThat(UpdateLife.after(installed, new UpdateEvent.VersionSeen("1.7"), later)).isSameAs(installed);
    }

    @Test
    void isOfferedAgainUntilTheLastAttemptHasFailed() {
        var again = after(offered(3), says(DOWNLOADING), says(FAILED));
        assertThat(again.state()).isEqualTo(OFFERED);
        assertThat(again.attempts()).isEqualTo(2);
        assertThat(again.isUntold()).as("told once more").isTrue();
        assertThat(after(again, says(FAILED), says(INSTALLING), says(FAILED)).state()).isEqualTo(FAILED);
    }

    @Test
    void onlyWhoHasBegunCanBeLate() {
        assertThat(offered(1).dueAt()).isEmpty();
        var begun = after(offered(2), says(DOWNLOADING));
        assertThat(begun.dueAt()).contains(begun.changedAt().plus(PATIENCE));
        var due = begun.dueAt().orElseThrow();
        assertThat(UpdateLife.after(begun, new UpdateEvent.TimePassed(), due.minusMillis(1))).isSameAs(begun);
        assertThat(UpdateLife.after(begun, new UpdateEvent.TimePassed(), due).state()).isEqualTo(OFFERED);
        var progressed = UpdateLife.after(begun, new UpdateEvent.Reported(Optional.empty(), DOWNLOADING,
                Optional.of(40), "", Optional.empty(), Optional.empty()), due.minusMillis(1));
        assertThat(progressed.dueAt().orElseThrow()).isAfter(due);
    }

    @Test
    void isCalledBackUntilItInstalls() {
        check(CANCELLED, new UpdateEvent.Cancelled("halted"));
        check(CANCELLED, says(VERIFIED), new UpdateEvent.Cancelled("halted"), says(INSTALLED));
        check(INSTALLING, says(INSTALLING), new UpdateEvent.Cancelled("halted"));
        check(CANCELLED, says(INSTALLING), new UpdateEvent.DeviceGone());
    }

    @Test
    void whoInstallsWhatWasCalledBackRunsIt() {
        var back = new UpdateEvent.Cancelled("halted");
        check(INSTALLED, says(DOWNLOADING), back, of(7, INSTALLED));
        check(CANCELLED, says(DOWNLOADING), back, of(6, INSTALLED));
        check(INSTALLED, back, says(INSTALLED, null, "2.0"));
        check(CANCELLED, back, says(INSTALLED, null, "1.5"));
        check(CANCELLED, back, of(7, DOWNLOADING), of(7, FAILED));
        check(CANCELLED, back, says(INSTALLED));
        check(CANCELLED, back, new UpdateEvent.Reported(Optional.of(7L), INSTALLED, Optional.empty(), "",
                Optional.of("b".repeat(64)), Optional.empty()));
        var cancelled = after(offered(1), back);
        var later = cancelled.changedAt().plus(FirmwareLimits.FIRMWARE_SETTLE_TIME);
        assertThat(UpdateLife.after(cancelled, says(INSTALLED, null, "2.0"), later)).as("by another way")
                .isSameAs(cancelled);
        assertThat(UpdateLife.after(cancelled, of(7, INSTALLED), later).state()).isEqualTo(INSTALLED);
    }

    private static UpdateEvent of(long update, UpdateState state) {
        return new UpdateEvent.Reported(Optional.of(update), state, Optional.empty(), "", Optional.empty(),
                Optional.empty());
    }

    @Test
    void whatIsSaidOnTheWayIsALineOfItsOwnUnlessItOnlyCounts() {
        var begun = after(offered(1), says(DOWNLOADING));
        var checked = after(begun, UpdateEvent.Reported.of(DOWNLOADING, "checksum good"));
        assertThat(UpdateLife.mostSteps(begun, checked)).isEqualTo(FirmwareLimits.FIRMWARE_DETAIL_STEPS);
        var further = after(checked, new UpdateEvent.Reported(Optional.empty(), DOWNLOADING, Optional.of(40),
                "40 % copied", Optional.empty(), Optional.empty()));
        assertThat(further.detail()).isEqualTo("40 % copied");
        assertThat(UpdateLife.mostSteps(checked, further)).isZero();
        assertThat(UpdateLife.mostSteps(further, after(further, says(DOWNLOADING)))).as("says nothing").isZero();
    }

    @Test
    void aReportAboutAnotherUpdateChangesNothing() {
        check(OFFERED, of(6, FAILED));
    }

    @Test
    void whateverComesTheSameTwiceChangesNothingAndAttemptsNeverExceedTheirNumber() {
        for (var seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            var update = offered(1 + random.nextInt(3));
            var told = new ArrayList<String>();
            for (var step = 0; step < 20; step++) {
                var event = any(random);
                var now = update.changedAt().plusSeconds(1 + random.nextInt(1_000));
                var next = UpdateLife.after(update, event, now);
                told.add(event + " -> " + next.state());
                var what = "seed " + seed + ": " + told;
                assertThat(next.state().isOpen()).as(what).isEqualTo(next.endedAt().isEmpty());
                assertThat(next.attempts()).as(what).isBetween(update.attempts(), update.mostAttempts());
                assertThat(next.state() != OFFERED && next.state().isOpen()).as(what)
                        .isEqualTo(next.dueAt().isPresent());
                var isSettled = next.state() == FAILED || next.state() == ROLLED_BACK;
                if (isSettled) assertThat(UpdateLife.after(next, any(random), now)).as(what).isSameAs(next);
                if (update.state() == CANCELLED && next.state() != INSTALLED) {
                    assertThat(next).as(what).isSameAs(update);
                }
                if (!next.state().isOpen()) assertThat(next.isUntold()).as(what).isTrue();
                update = next;
            }
        }
    }

    private static UpdateEvent any(Random random) {
        var states = List.of(DOWNLOADING, DOWNLOADED, VERIFIED, INSTALLING, INSTALLED, FAILED, ROLLED_BACK);
        return switch (random.nextInt(10)) {
            case 0 -> new UpdateEvent.Cancelled("somebody");
            case 1 -> new UpdateEvent.TimePassed();
            case 2 -> new UpdateEvent.VersionSeen(random.nextBoolean() ? "1.0" : "2.0");
            case 3 -> says(DOWNLOADED, random.nextBoolean() ? HASH : "c".repeat(64), null);
            case 4 -> of(6 + random.nextInt(2), states.get(random.nextInt(states.size())));
            case 5 -> says(INSTALLED, null, random.nextBoolean() ? "1.0" : "2.0");
            default -> says(states.get(random.nextInt(states.size())));
        };
    }
}
