package io.iotflow.server.rule;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.alert.Breach;
import io.iotflow.server.alert.Finding;
import io.iotflow.server.core.DeviceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What held at a lane's devices when the platform stopped, as alerts say, until their rules have gone on from there.
final class LaneBreaches {
    private final RuleEngine engine;
    private final Map<DeviceId, List<Breach>> held = new HashMap<>();
    private final Map<DeviceId, List<Breach>> unproven = new HashMap<>();

    LaneBreaches(RuleEngine engine) {
        this.engine = engine;
    }

    /// Before the lane starts.
    void add(Breach breach) {
        held.computeIfAbsent(breach.device(), _ -> new ArrayList<>()).add(breach);
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /// Those that have not been taken up.
    Set<DeviceId> devices() {
        return held.keySet();
    }

    boolean waitFor(DeviceId device) {
        return held.containsKey(device);
    }

    /// Lets the device's rules know what held.
    ///
    /// @param watch the device's; null without any rules
    /// @param asOf  until when it was brought up, without telling anybody
    /// @param end   when what no rule looks at any more has ended
    void takeUp(DeviceId device, Watch watch, long asOf, long end) {
        var breaches = held.get(device);
        if (breaches == null) return;
        for (var breach : breaches) {
            var rule = watch == null ? null : watch.rule(breach.rule()).orElse(null);
            if (rule == null) {
                if (breach.clearedAt().isEmpty()) end(breach, end);
            } else if (breach.heldAfter(Timestamps.ofMicros(asOf))) {
                rule.assume(Timestamps.micros(breach.beganAt()), breach.key());
            } else if (breach.clearedAt().isEmpty()) {
                unproven.computeIfAbsent(device, _ -> new ArrayList<>()).add(breach); // it may come once more
            }
        }
        held.remove(device);
    }

    /// A breach that has come once more goes the rule's own way from there: it may be over before it could be proved.
    void begun(RuleState rule) {
        var breaches = unproven.get(rule.watch.device);
        if (breaches == null) return;
        breaches.removeIf(it -> it.rule() == rule.program.rule().id() && it.key().equals(rule.key)
                && rule.beganAt >= Timestamps.micros(it.beganAt()));
    }

    /// What was found by no measurement, but when a rule or a device was changed, does not come once more after a
    /// start. Whether it still holds is asked when the device is attended to.
    void prove(Watch watch, long settled, Watch.Findings findings) {
        var breaches = unproven.remove(watch.device);
        if (breaches == null) return;
        for (var breach : breaches) {
            var rule = watch.rule(breach.rule()).orElse(null);
            if (rule == null || rule.holds && !rule.key.equals(breach.key())) end(breach, settled);
            else if (!rule.holds) {
                rule.assume(Timestamps.micros(breach.beganAt()), breach.key());
                watch.changed(settled, it -> it == rule, findings);
            }
        }
    }

    private void end(Breach breach, long at) {
        var began = Timestamps.micros(breach.beganAt());
        engine.book().find(breach.rule()).ifPresent(program -> engine.found(new Finding.Ended(program.source(),
                breach.device(), breach.key(), Timestamps.ofMicros(Math.max(at, began + 1)))));
    }
}
