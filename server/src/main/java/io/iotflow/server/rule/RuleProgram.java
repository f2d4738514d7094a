package io.iotflow.server.rule;

import io.iotflow.server.alert.Finding;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceScope;
import io.iotflow.server.geo.Area;
import io.iotflow.server.geo.Geofence;
import io.iotflow.server.geo.Geofences;
import io.iotflow.server.language.Input;
import io.iotflow.server.language.Template;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/// A rule that can be run: its document, compiled once. Shared between threads; what it knows of a device stands in the
/// device's [RuleState].
///
/// @param inputs    all that the condition and after it the texts read; parts of it know the places of theirs
/// @param slots     places that the condition needs to remember things
/// @param watchesSilence whether it waits for something not to be measured
/// @param hearsAll  whether it must be asked whatever the device sends
/// @param signals   beside measurements, what it must be asked for
/// @param readsPresence whether it may read that the device is online
/// @param readsShadow   whether its condition may read the device's shadow
/// @param scope     which devices of the organization and below
/// @param message   its inputs begin at `messageFirst`; likewise the key's
/// @param faults    evaluations that failed, counted as not holding
/// @param places    what it asks of positions by name
record RuleProgram(Rule rule, Condition condition, List<Input> inputs, int slots, boolean watchesSilence,
                   boolean hearsAll, Set<Signal> signals, boolean readsPresence, boolean readsShadow,
                   DeviceScope scope, Template message, int messageFirst, Optional<Template> key, int keyFirst,
                   Finding.Source source, LongAdder faults,
                   Places places) {
    static final long MINUTE = 60_000_000;
    /// What is caught up of time by the minute.
    static final long LONGEST_TICKING = 62L * 24 * 60 * MINUTE;
    /// How far back the value before the latest is looked for after a start.
    static final long PREVIOUS_LOOKBACK = 86_400_000_000L;

    /// The geofences that a rule names, as it was compiled with, and by what `inside` knows the position; null if it
    /// does not ask.
    record Places(Map<String, Geofence> geofences, Position position) {
        boolean isInside(RuleState it, String geofence) {
            return position.isIn(it, geofences.get(geofence).area());
        }
    }

    /// Whether it means the same geofences still, and these have not changed.
    boolean isUpToDate(Geofences.Known known) {
        return places.geofences.values().stream().allMatch(it ->
                known.find(rule.organization(), it.name()).filter(it::isAs).isPresent());
    }

    /// When it, or a geofence that it names, was changed last.
    Instant changedAt() {
        var last = rule.updatedAt();
        for (var geofence : places.geofences.values()) {
            if (geofence.updatedAt().isAfter(last)) last = geofence.updatedAt();
        }
        return last;
    }

    /// The next full minute, when rules are asked whose answer changes as time goes by.
    static long nextMinute(long micros) {
        return (Math.floorDiv(micros, MINUTE) + 1) * MINUTE;
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    /// How far back measurements matter for it.
    long lookback() {
        var longest = condition.lookback();
        for (var input : inputs) {
            longest = Math.max(longest, switch (input) {
                case Input.Window(_, var length) -> micros(length) + condition.lookback();
                case Input.Previous _ -> PREVIOUS_LOOKBACK;
                case Input.Metric _ -> 0;
            });
        }
        return longest;
    }

    static String metric(Input input) {
        return switch (input) {
            case Input.Metric(var name) -> name;
            case Input.Previous(var name) -> name;
            case Input.Window(var name, _) -> name;
        };
    }

    private Set<String> metrics() {
        return inputs.stream().map(RuleProgram::metric).collect(Collectors.toSet());
    }

    /// The metrics that a replay for these has to read; empty for all.
    static Set<String> metrics(List<RuleProgram> programs) {
        if (programs.stream().anyMatch(RuleProgram::hearsAll)) return Set.of();
        return programs.stream().flatMap(program -> program.metrics().stream()).collect(Collectors.toSet());
    }

    boolean isFor(WatchedDevice watched) {
        var device = watched.device();
        return rule.organization().contains(device.organization()) && device.status().mayPublish()
                && scope.holds(watched.facts().seenBy(rule.organization()));
    }

    /// Collects what a rule reads and remembers while it is compiled.
    static final class Parts {
        private final List<Input> inputs = new ArrayList<>();
        private int slots;
        private boolean watchesSilence;
        private boolean hearsAll;
        private final Set<Signal> signals = EnumSet.noneOf(Signal.class);
        private final Geofences.Known known;
        private final OrganizationPath organization;
        private final Map<String, Geofence> geofences = new HashMap<>();
        private Position position;

        Parts(Geofences.Known known, OrganizationPath organization) {
            this.known = known;
            this.organization = organization;
        }

        /// @param path of the field that names it
        Area geofence(String path, String name) {
            return geofences.computeIfAbsent(name, _ -> known.find(organization, name).orElseThrow(() ->
                    PlatformException.invalid(path, "names the geofence " + name + ", which there is not; "
                            + names()))).area();
        }

        private String names() {
            var names = known.names(organization);
            return names.isEmpty() ? "there is none yet: create it at /geofences"
                    : "there are " + Geofences.some(names);
        }

        /// Those that an expression asks about by `inside`.
        void inside(String path, Set<String> names) {
            for (var name : names) geofence(path, name);
            if (!names.isEmpty() && position == null) position = Position.usual(this);
        }

        Places places() {
            return new Places(Map.copyOf(geofences), position);
        }

        /// @return the place
        int input(Input input) {
            var known = inputs.indexOf(input);
            if (known >= 0) return known;
            inputs.add(input);
            return inputs.size() - 1;
        }

        /// @return the place of the first of them, which stand together
        int inputs(List<Input> those) {
            inputs.addAll(those);
            return inputs.size() - those.size();
        }

        int slots(int count) {
            slots += count;
            return slots - count;
        }

        void watchSilence() {
            watchesSilence = true;
        }

        void hearAll() {
            hearsAll = true;
        }

        void hear(Signal signal) {
            signals.add(signal);
        }

        Set<Signal> signals() {
            return Set.copyOf(signals);
        }

        boolean hearsAll() {
            return hearsAll || inputs.isEmpty();
        }

        boolean watchesSilence() {
            return watchesSilence;
        }

        List<Input> inputs() {
            return List.copyOf(inputs);
        }

        int slots() {
            return slots;
        }
    }
}
