package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Durations;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceScope;
import io.iotflow.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How an image comes to its devices.
///
/// @param windows       outside of which nothing is offered; none for always
/// @param ratePerMinute offers, at the most; 0 for no limit
/// @param approval      whether somebody else than its author must agree
/// @param rollback      whether devices get back what they ran before when it is halted
/// @param joins         whether devices that match later take part; it then runs until somebody finishes it
/// @param patience      how long nothing may be heard of a device that has begun
record Plan(DeviceScope scope, List<Stage> stages, Optional<Instant> startAt, List<Window> windows, int ratePerMinute,
            boolean approval, boolean rollback, boolean joins, int attempts, Duration patience) {

    Plan {
        if (stages.isEmpty()) throw new IllegalArgumentException("a rollout without a stage");
        stages = List.copyOf(stages);
        windows = List.copyOf(windows);
    }

    boolean isOpenAt(Instant now) {
        return windows.isEmpty() || windows.stream().anyMatch(window -> window.contains(now));
    }

    int lastStage() {
        return stages.size() - 1;
    }

    /// Which device belongs to which stage: by chance, and the same each time for one rollout.
    Map<DeviceId, Integer> shares(long rollout, List<DeviceId> devices) {
        var shuffled = devices.stream().sorted(Comparator.comparingLong((DeviceId device) ->
                mixed(rollout * 0x9E3779B97F4A7C15L + device.value())).thenComparingLong(DeviceId::value)).toList();
        var shares = new LinkedHashMap<DeviceId, Integer>();
        var next = 0;
        for (int stage = 0; stage < stages.size(); stage++) {
            var left = shuffled.size() - next;
            var taken = stage == lastStage() ? left : stages.get(stage).take(shuffled.size(), left);
            for (var device : shuffled.subList(next, next + taken)) shares.put(device, stage);
            next += taken;
        }
        return shares;
    }

    /// The finalizer of SplitMix64.
    private static long mixed(long seed) {
        var z = (seed ^ seed >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /// As it is kept and shown; [PlanReader] reads it.
    ObjectNode document() {
        var json = Json.mapper().createObjectNode();
        var within = json.putObject("scope");
        scope.devices().stream().sorted().forEach(within.putArray("devices")::add);
        scope.types().stream().sorted().forEach(within.putArray("device_types")::add);
        scope.groups().stream().sorted().forEach(within.putArray("groups")::add);
        within.put("filter", scope.filter().map(DeviceFilter::text).orElse(null));
        var list = json.putArray("stages");
        stages.forEach(stage -> stage.write(list.addObject()));
        json.put("start_at", startAt.map(Instant::toString).orElse(null));
        var open = json.putArray("windows");
        windows.forEach(window -> window.write(open.addObject()));
        return json.put("rate_per_minute", ratePerMinute).put("approval", approval).put("rollback", rollback)
                .put("joins", joins).put("max_attempts", attempts).put("timeout", Durations.text(patience));
    }
}
