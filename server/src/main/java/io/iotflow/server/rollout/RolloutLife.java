package io.iotflow.server.rollout;

import io.iotflow.server.core.FirmwareLimits;
import java.time.Instant;
import java.util.List;

/// What is to be done about a rollout, from what is known of it. Pure: no clock, no store, no thread.
final class RolloutLife {
    private RolloutLife() {}

    /// What is known.
    ///
    /// @param stage       the present one, from 0
    /// @param counts      of each stage, in their order
    /// @param recent      offers of the last minute
    /// @param recallable  what was offered and could still be called back
    /// @param revertible  devices that could get back what they ran before
    /// @param reverting   that are on their way back
    record Facts(RolloutState state, Plan plan, int stage, List<Counts> counts, long recent, long recallable,
                 long revertible, long reverting) {
        Facts {
            counts = List.copyOf(counts);
            if (counts.size() != plan.stages().size()) throw new IllegalArgumentException("counts of each stage");
        }

        private Counts present() {
            return counts.get(stage);
        }

        /// Up to the present stage.
        private Counts begun() {
            return counts.subList(0, stage + 1).stream().reduce(Counts.NONE, Counts::plus);
        }
    }

    static Decision next(Facts facts, Instant now) {
        return switch (facts.state()) {
            case AWAITING_APPROVAL, FINISHED, ROLLED_BACK -> new Decision.Rest();
            case SCHEDULED -> facts.plan().startAt().map(start -> !now.isBefore(start)).orElse(true)
                    && facts.plan().isOpenAt(now) ? new Decision.Begin() : new Decision.Rest();
            case RUNNING -> running(facts, now);
            case PAUSED -> excess(facts);
            case HALTED, ABORTED -> facts.recallable() > 0 ? new Decision.Recall() : new Decision.End();
            case ROLLING_BACK -> rollingBack(facts);
        };
    }

    private static Decision running(Facts facts, Instant now) {
        if (excess(facts) instanceof Decision.Halt halt) return halt;
        var present = facts.present();
        var stage = facts.plan().stages().get(facts.stage());
        var isLast = facts.stage() == facts.plan().lastStage();
        if (!isLast && isReached(present, stage)) return new Decision.NextStage();
        if (present.isOver() && !isReached(present, stage)) {
            return new Decision.Halt("stage " + (facts.stage() + 1) + ": only " + present.installed() + " of "
                    + present.counting() + " devices have installed, " + stage.successPercent() + " % are needed");
        }
        if (isLast && facts.begun().isOver() && !facts.plan().joins()) return new Decision.Finish();
        var most = mostOffers(facts);
        return facts.begun().waiting() > 0 && most > 0 && facts.plan().isOpenAt(now) ? new Decision.Offer(most)
                : new Decision.Rest();
    }

    private static int mostOffers(Facts facts) {
        var rate = facts.plan().ratePerMinute();
        return rate == 0 ? FirmwareLimits.FIRMWARE_AT_ONCE
                : (int) Math.min(FirmwareLimits.FIRMWARE_AT_ONCE, Math.max(0, rate - facts.recent()));
    }

    private static boolean isReached(Counts counts, Stage stage) {
        return counts.installed() * 100 >= stage.successPercent() * counts.counting();
    }

    /// Halts when more has failed than may, in the present stage or an earlier one.
    private static Decision excess(Facts facts) {
        for (int i = 0; i <= facts.stage(); i++) {
            var counts = facts.counts().get(i);
            var allowed = facts.plan().stages().get(i).errorPercent();
            if (counts.failed() * 100 > allowed * counts.counting()) {
                return new Decision.Halt("stage " + (i + 1) + ": " + counts.failed() + " of " + counts.counting()
                        + " devices have failed, " + allowed + " % may");
            }
        }
        return new Decision.Rest();
    }

    /// What installs already is waited for: it may have to go back, too.
    private static Decision rollingBack(Facts facts) {
        if (facts.recallable() > 0) return new Decision.Recall();
        if (facts.revertible() > 0) return new Decision.Revert();
        var all = facts.counts().stream().reduce(Counts.NONE, Counts::plus);
        return facts.reverting() == 0 && all.open() == 0 ? new Decision.End() : new Decision.Rest();
    }
}
