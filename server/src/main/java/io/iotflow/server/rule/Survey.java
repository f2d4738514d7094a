package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.alert.Pending;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What can be seen by looking at all of a lane's devices; on the lane's thread.
final class Survey {

    private Survey() {}

    static List<Pending> pending(Stream<Watch> watches) {
        var list = new ArrayList<Pending>();
        watches.forEach(watch -> {
            for (var rule : watch.rules()) {
                var since = Held.pendingSince(rule);
                if (since != MetricState.NEVER) list.add(pending(rule, since));
            }
        });
        return list;
    }

    private static Pending pending(RuleState rule, long since) {
        var device = rule.watch.facts().device();
        return new Pending(rule.program.source(), device.id(), device.name(), device.organization(),
                Timestamps.ofMicros(since), Timestamps.ofMicros(Held.dueAt(rule, since)));
    }

    static RuleEngine.Figures figures(Stream<Watch> watches, long evaluations, long findings) {
        var sum = new Object() {
            long late;
            long devices;
            long states;
            long bytes;
            long windowBytes;
        };
        watches.forEach(watch -> {
            sum.late += watch.late();
            sum.devices++;
            sum.states += watch.rules().size();
            sum.bytes += watch.bytes();
            sum.windowBytes += watch.windowBytes();
        });
        return new RuleEngine.Figures(evaluations, findings, sum.late, sum.devices, sum.states, sum.bytes,
                sum.windowBytes);
    }
}
