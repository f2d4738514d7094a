package io.iotflow.server.rule;

import java.util.List;
import java.util.Optional;

/// All rules that look at anything, as of one moment.
///
/// @param programs in the order of their numbers
record RuleBook(List<RuleProgram> programs) {
    static final RuleBook EMPTY = new RuleBook(List.of());

    RuleBook {
        programs = List.copyOf(programs);
    }

    List<RuleProgram> of(DeviceFacts device) {
        if (programs.isEmpty()) return programs;
        return programs.stream().filter(program -> program.isFor(device)).limit(
                io.iotflow.server.core.Limits.RULES_PER_DEVICE).toList();
    }

    Optional<RuleProgram> find(long rule) {
        return programs.stream().filter(program -> program.rule().id() == rule).findFirst();
    }
}
