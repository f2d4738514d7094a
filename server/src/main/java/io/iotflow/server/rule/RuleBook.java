package io.iotflow.server.rule;

import io.iotflow.server.core.Limits;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// All rules that look at anything, as of one moment.
///
/// @param programs those of the upper organizations first, so that nobody below can crowd them out; then by number
record RuleBook(List<RuleProgram> programs) {
    private static final Comparator<RuleProgram> ORDER = Comparator
            .<RuleProgram>comparingInt(program -> program.rule().organization().depth())
            .thenComparingLong(program -> program.rule().id());
    static final RuleBook EMPTY = new RuleBook(List.of());

    RuleBook {
        programs = programs.stream().sorted(ORDER).toList();
    }

    /// Whether it has the very same programs.
    boolean isSame(RuleBook other) {
        if (programs.size() != other.programs.size()) return false;
        for (var i = 0; i < programs.size(); i++) if (programs.get(i) != other.programs.get(i)) return false;
        return true;
    }

    List<RuleProgram> of(WatchedDevice device) {
        if (programs.isEmpty()) return programs;
        return programs.stream().filter(program -> program.isFor(device)).limit(
                Limits.RULES_PER_DEVICE).toList();
    }

    /// Whether any of them must be asked for it.
    boolean hears(Signal signal) {
        for (var program : programs) if (program.signals().contains(signal)) return true;
        return false;
    }

    /// Whether any of them may read that a device is online.
    boolean readsPresence() {
        for (var program : programs) if (program.readsPresence()) return true;
        return false;
    }

    /// Whether any of them may read a shadow.
    boolean readsShadow() {
        for (var program : programs) if (program.readsShadow()) return true;
        return false;
    }

    /// Whether any of them has a hold time.
    boolean holdsBack() {
        for (var program : programs) if (program.condition() instanceof Held) return true;
        return false;
    }

    Optional<RuleProgram> find(long rule) {
        return programs.stream().filter(program -> program.rule().id() == rule).findFirst();
    }
}
