package io.iotflow.server.configuration;

import io.iotflow.server.configuration.State.Acknowledgement;
import io.iotflow.server.configuration.State.Drift;
import io.iotflow.server.configuration.State.Outcome;
import io.iotflow.server.configuration.State.Reported;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Keeps what devices say of their configurations, and judges whether they drift. What is told twice, or later than
/// something newer, changes nothing.
final class Recorder {
    private final Configurations configurations;

    Recorder(Configurations configurations) {
        this.configurations = configurations;
    }

    /// Something that a device has said, and when the platform heard it.
    record Told(DeviceId device, Report report, Instant at) {}

    /// In their order.
    ///
    /// @param refusals told of a version that the device cannot have; it may throw
    /// @return what is known of the devices then; those that are gone are not in it
    Map<DeviceId, State> record(Handle handle, List<Told> all, Consumer<PlatformException> refusals) {
        var states = configurations.states();
        var ids = all.stream().map(Told::device).distinct().toList();
        states.lock(handle, ids);
        var members = states.members(handle, ids).stream().collect(Collectors.toMap(Member::device, it -> it));
        var before = states.find(handle, ids);
        var now = new HashMap<>(before);
        for (var told : all) {
            if (!members.containsKey(told.device)) continue;
            var state = now.computeIfAbsent(told.device, _ -> State.none(members.get(told.device), told.at));
            try {
                now.put(told.device, after(state, told));
            } catch (PlatformException e) {
                refusals.accept(e);
            }
        }
        now.keySet().retainAll(members.keySet());
        states.save(handle, now.values().stream().filter(it -> !it.equals(before.get(it.device()))).toList());
        for (var it : now.values()) {
            var was = before.containsKey(it.device()) ? before.get(it.device()).drift() : Drift.IN_SYNC;
            configurations.drift().changed(handle, it.device(), was, it.drift());
        }
        return now;
    }

    private static State after(State before, Told told) {
        if (lastWord(before).isAfter(told.at)) return before;
        var version = told.report.version();
        if (version.isPresent() && version.getAsLong() > before.version()) {
            throw PlatformException.invalid("version", "is newer than version " + before.version()
                    + ", the newest that the device was given");
        }
        var after = told(before, told.report, told.at);
        return after.with(judged(after, told.report), told.at);
    }

    /// When the device said something last.
    private static Instant lastWord(State state) {
        var acknowledged = state.acknowledgement().map(Acknowledgement::at).orElse(Instant.EPOCH);
        var reported = state.reported().map(Reported::at).orElse(Instant.EPOCH);
        return acknowledged.isAfter(reported) ? acknowledged : reported;
    }

    private static State told(State before, Report report, Instant at) {
        var after = before;
        if (report.version().isPresent()) {
            after = after.with(new Acknowledgement(report.version().getAsLong(), report.outcome(), report.message(),
                    at));
            // What it had before does not matter any more.
            if (isApplied(after, report)) after = after.with(Optional.empty());
        }
        var hash = report.hashOfAll();
        return hash.isEmpty() ? after
                : after.with(Optional.of(new Reported(report.values(), hash.get(), at)));
    }

    private static boolean isApplied(State state, Report report) {
        return report.outcome() == Outcome.APPLIED && report.version().isPresent()
                && report.version().getAsLong() == state.version();
    }

    private static Drift judged(State state, Report report) {
        if (state.drift() == Drift.INVALID) return Drift.INVALID;
        var isNewest = report.version().isPresent() && report.version().getAsLong() == state.version();
        if (isNewest && report.outcome() == Outcome.REJECTED) return Drift.REJECTED;
        var hash = report.hashOfAll();
        if (hash.isPresent() && hash.get().equals(state.configuration().hash())) return Drift.IN_SYNC;
        if (isNewest) return hash.isEmpty() ? Drift.IN_SYNC : Drift.DIFFERS;
        if (hash.isEmpty()) return state.drift();
        // It may be about to take the newest, or has said that it will not.
        return state.drift() == Drift.PENDING || state.drift() == Drift.REJECTED ? state.drift() : Drift.DIFFERS;
    }
}
