package io.iotflow.server.processing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/// All rules that are on at one time, in the order in which they run.
record ActiveRules(List<Active> rules) {
    static final ActiveRules NONE = new ActiveRules(List.of());

    record Active(ProcessingRule rule, Faults faults) {}

    /// Faults of a rule that has not changed are remembered.
    ActiveRules next(List<ProcessingRule> all, LongAdder faults) {
        var known = rules.stream().collect(Collectors.toMap(active -> active.rule().id(), active -> active));
        var next = new ArrayList<Active>(all.size());
        all.stream().sorted(Comparator.comparingInt((ProcessingRule rule) -> rule.content().position())
                .thenComparingLong(ProcessingRule::id)).forEach(rule -> next.add(again(known, rule, faults)));
        return new ActiveRules(List.copyOf(next));
    }

    private static Active again(Map<Long, Active> known, ProcessingRule rule, LongAdder faults) {
        var before = known.get(rule.id());
        return before != null && before.rule().version() == rule.version() ? before
                : new Active(rule, new Faults(faults));
    }

    /// Null for a rule that is not on.
    Faults faultsOf(long id) {
        for (var active : rules) if (active.rule().id() == id) return active.faults();
        return null;
    }
}
