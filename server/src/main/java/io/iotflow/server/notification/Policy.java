package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Whom a rule tells, and how: its `actions` as far as they tell somebody, `escalation`, `throttle` and `quiet_hours`.
/// What follows from it for one alert is a function of the time.
public final class Policy {
    private final List<Target> targets;
    private final List<Rung> ladder;
    private final Optional<Duration> throttle;
    private final Optional<QuietHours> quietHours;

    /// Told when nobody has acknowledged by then.
    private record Rung(Duration after, List<Target> targets) {}

    /// Why something is not told at once.
    enum Held {
        NOT, THROTTLE, QUIET, ESCALATION;

        String word() {
            return this == NOT ? "" : name().toLowerCase(Locale.ROOT);
        }
    }

    /// What is to be told to one of them.
    ///
    /// @param step 0: at once; n: the rung of the ladder
    record Planned(Target target, int step, Instant due, Held held) {}

    private Policy(List<Target> targets, List<Rung> ladder, Optional<Duration> throttle,
            Optional<QuietHours> quietHours) {
        this.targets = List.copyOf(targets);
        this.ladder = List.copyOf(ladder);
        this.throttle = throttle;
        this.quietHours = quietHours;
    }

    /// Reads a rule's document, or as much of it as is about telling. Actions of other kinds are somebody else's.
    ///
    /// @throws PlatformException `INVALID`, naming the field: `escalation[1].after`
    public static Policy of(JsonNode document) {
        var fields = SettingsFields.of("", document);
        var quiet = document.path("quiet_hours");
        return new Policy(actions(fields), ladder(fields), fields.duration("throttle", Limits.POLICY_TIME),
                quiet.isMissingNode() || quiet.isNull() ? Optional.empty()
                        : Optional.of(QuietHours.of(SettingsFields.of("quiet_hours", quiet))));
    }

    private static List<Target> actions(SettingsFields fields) {
        var targets = new LinkedHashSet<Target>();
        var number = 0;
        for (var item : fields.items("actions", Limits.POLICY_TARGETS)) {
            var action = SettingsFields.of("actions[" + number++ + "]", item);
            switch (action.text("type")) {
                case "notify" -> {
                    action.refuseOthers("type", "channel");
                    targets.add(channel(action.name("channel"), item.path("channel")));
                }
                case "webhook" -> {
                    action.refuseOthers("type", "url");
                    targets.add(new Target.OfUrl(SettingsFields.url(action.name("url"), action.text("url"))));
                }
                default -> { }
            }
        }
        return List.copyOf(targets);
    }

    private static List<Rung> ladder(SettingsFields fields) {
        var ladder = new ArrayList<Rung>();
        for (var item : fields.items("escalation", Limits.ESCALATION_STEPS)) {
            var rung = SettingsFields.of("escalation[" + ladder.size() + "]", item);
            rung.refuseOthers("after", "channels");
            var after = rung.duration("after", Limits.POLICY_TIME)
                    .orElseThrow(() -> rung.invalid("after", "is missing"));
            var targets = new LinkedHashSet<Target>();
            for (var id : rung.items("channels", Limits.POLICY_TARGETS)) {
                targets.add(channel(rung.name("channels[" + targets.size() + "]"), id));
            }
            if (targets.isEmpty()) throw rung.invalid("channels", "must name at least one channel");
            ladder.add(new Rung(after, List.copyOf(targets)));
        }
        return ladder;
    }

    private static Target channel(String field, JsonNode id) {
        if (!id.canConvertToExactIntegral() || !id.canConvertToLong() || id.longValue() < 1) {
            throw PlatformException.invalid(field, "must be a channel's number");
        }
        return new Target.OfChannel(id.longValue());
    }

    boolean tellsNobody() {
        return targets.isEmpty() && ladder.isEmpty();
    }

    boolean hasQuietHours() {
        return quietHours.isPresent();
    }

    boolean isThrottled() {
        return throttle.isPresent();
    }

    /// What a beginning leads to.
    ///
    /// @param lastTold when the beginning of another alert of the same rule, device and key was told, or is to be
    List<Planned> begun(Instant now, Severity severity, Optional<Instant> lastTold) {
        var planned = new ArrayList<Planned>();
        var allowed = throttle.flatMap(gap -> lastTold.map(last -> last.plus(gap))).filter(now::isBefore);
        var due = allowed.orElse(now);
        for (var target : targets) {
            planned.add(planned(target, 0, due, severity, allowed.isPresent() ? Held.THROTTLE : Held.NOT));
        }
        for (int i = 0; i < ladder.size(); i++) {
            for (var target : ladder.get(i).targets()) {
                planned.add(planned(target, i + 1, now.plus(ladder.get(i).after()), severity, Held.ESCALATION));
            }
        }
        return planned;
    }

    /// What its acknowledgement or end leads to, for one who heard of the beginning.
    Planned sequel(Target target, Instant now, Severity severity) {
        return planned(target, 0, now, severity, Held.NOT);
    }

    private Planned planned(Target target, int step, Instant due, Severity severity, Held held) {
        var free = quietHours.map(quiet -> quiet.release(due, severity)).orElse(due);
        return new Planned(target, step, free, free.equals(due) ? held : Held.QUIET);
    }

    /// The channels that it names, each with the field in which it does.
    List<Named> channels() {
        var named = new ArrayList<Named>();
        for (var target : targets) name(named, "actions", target);
        for (int i = 0; i < ladder.size(); i++) {
            for (var target : ladder.get(i).targets()) name(named, "escalation[" + i + "].channels", target);
        }
        return named;
    }

    record Named(String field, long channel) {}

    private static void name(List<Named> named, String field, Target target) {
        if (target instanceof Target.OfChannel(var id)) named.add(new Named(field, id));
    }
}
