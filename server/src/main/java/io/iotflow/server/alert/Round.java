package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.alert.AlertStore.Home;
import io.iotflow.server.alert.AlertStore.Key;
import io.iotflow.server.alert.AlertStore.Line;
import io.iotflow.server.alert.Happening.Kind;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.notification.Notice;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one transaction does to alerts: first everything is decided in memory, then it is written in a few statements,
/// however many alerts they are.
final class Round {
    private static final Logger LOG = LoggerFactory.getLogger(Round.class);
    private static final String TOO_MANY = "As many alerts of this rule are open at this device as there may be ("
            + Limits.ALERTS_OPEN + "); it begins no more there until some are resolved. Does each key mean something "
            + "that ends?";

    private final AlertStore store;
    private final Handle handle;
    private final Instant now;
    private final Map<Long, Alert> begun = new LinkedHashMap<>();
    private final Map<Long, Alert> changed = new LinkedHashMap<>();
    private final Set<Long> continued = new LinkedHashSet<>();
    private final List<Line> history = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();
    private final List<AlertChanged> changes = new ArrayList<>();
    private int refused;

    Round(AlertStore store, Handle handle, Instant now) {
        this.store = store;
        this.handle = handle;
        this.now = now;
    }

    /// Makes alerts of findings, in their order.
    void apply(List<Finding> findings) {
        new Findings(findings).forEach(findings);
    }

    /// Beginnings that made no alert, because too many are open.
    int refused() {
        return refused;
    }

    /// Does something to an alert that is locked.
    ///
    /// @return the alert after it, the same if it is so already
    Alert act(Alert alert, Act act) {
        var step = alert.life().after(act);
        if (step.life().equals(alert.life()) && step.happened().isEmpty()) return alert;
        var after = alert.with(step.life());
        (begun.containsKey(alert.id()) ? begun : changed).put(alert.id(), after);
        if (act instanceof Act.Continue || act instanceof Act.Recur && step.happened().isEmpty()) {
            continued.add(alert.id());
        }
        for (var happening : step.happened()) note(after, happening);
        return after;
    }

    /// There will be nothing more to find: resolves it, and takes what it is about for ended.
    void end(Alert alert, String by, Instant at, String reason) {
        var resolved = act(alert, new Act.Resolve(by, at, reason));
        var life = resolved.life();
        act(resolved, new Act.Cease(at.isBefore(life.lastOccurredAt()) ? life.lastOccurredAt() : at, false));
    }

    /// How the history calls somebody.
    static String name(Actor by) {
        return by.kind() == Actor.Kind.USER || by.kind() == Actor.Kind.PLATFORM ? by.name()
                : by.kind().word() + " " + by.name();
    }

    /// Writes it all, and tells.
    ///
    /// @return what to tell when it is committed
    List<AlertChanged> write(Telling telling) {
        store.update(handle, changed.values()); // first, for there is one open alert of each key
        store.insert(handle, begun.values());
        store.tell(handle, history);
        for (var notice : notices) tell(telling, notice);
        for (var id : continued) {
            var alert = begun.getOrDefault(id, changed.get(id));
            if (!alert.subject().isShadow()) changes.add(AlertChanged.of(alert, "occurred", now));
        }
        return changes;
    }

    /// The alert is kept even when nobody can be told. A failure of the database is another matter: it undoes all.
    private void tell(Telling telling, Notice notice) {
        try {
            telling.tell(handle, notice);
        } catch (JdbiException | PlatformException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("event=alert_not_told alert={} kind={}", notice.alert(), notice.kind().word(), e);
        }
    }

    private void note(Alert alert, Happening happening) {
        history.add(new Line(alert, happening));
        if (alert.subject().isShadow()) return;
        changes.add(AlertChanged.of(alert, happening.kind().word(), now));
        kind(happening.kind()).map(alert::notice).ifPresent(notices::add);
    }

    private static Optional<Notice.Kind> kind(Kind kind) {
        return switch (kind) {
            case BEGUN -> Optional.of(Notice.Kind.BEGUN);
            case ACKNOWLEDGED -> Optional.of(Notice.Kind.ACKNOWLEDGED);
            case RESOLVED -> Optional.of(Notice.Kind.RESOLVED);
            case OCCURRED_AGAIN, CLEARED, ASSIGNED, COMMENTED, MARKED_FALSE_POSITIVE, UNMARKED, ACTION_DONE,
                    ACTION_FAILED, ACTION_SUPPRESSED -> Optional.empty();
        };
    }

    /// What the database has of everything that the findings are about.
    private final class Findings {
        private final Map<Long, String> modes;
        private final Map<DeviceId, Home> homes;
        private final Map<Key, Alert> latest;
        private final Iterator<Long> numbers;
        /// Open alerts of each rule at each device, of such as have keys.
        private final Map<Key, Integer> open;

        Findings(List<Finding> findings) {
            var keys = new LinkedHashSet<Key>();
            var rules = new HashSet<Long>();
            var devices = new HashSet<DeviceId>();
            var keyed = new HashSet<Long>();
            var beginnings = 0;
            for (var finding : findings) {
                keys.add(key(finding));
                devices.add(finding.device());
                if (!(finding instanceof Finding.Begun)) continue;
                rules.add(finding.source().rule());
                if (!finding.key().isEmpty()) keyed.add(finding.source().rule());
                beginnings++;
            }
            modes = rules.isEmpty() ? Map.of() : store.lockedModes(handle, rules);
            homes = store.homes(handle, devices);
            latest = new HashMap<>(store.lockedLatest(handle, keys));
            open = keyed.isEmpty() ? Map.of() : store.open(handle, keyed, devices);
            numbers = beginnings == 0 ? List.<Long>of().iterator() : store.numbers(handle, beginnings).iterator();
        }

        void forEach(List<Finding> findings) {
            for (var finding : findings) {
                var known = latest.get(key(finding));
                var at = finding.at().truncatedTo(ChronoUnit.MICROS);
                var after = switch (finding) {
                    case Finding.Begun begun -> begun(begun, at, known);
                    case Finding.Occurred it when known != null ->
                            act(known, new Act.Continue(at, it.times(), message(it.message())));
                    case Finding.Ended it when known != null -> act(known, new Act.Cease(at, !it.source().isLatched()));
                    case Finding.Occurred _, Finding.Ended _ -> null;
                };
                if (after != null) latest.put(key(finding), after);
            }
        }

        private Alert begun(Finding.Begun finding, Instant at, Alert known) {
            var mode = finding.source().isShadow() ? "shadow" : "active";
            var home = homes.get(finding.device());
            // The rule was switched off or deleted, or the device decommissioned, while this was on its way.
            if (home == null || !mode.equals(modes.get(finding.source().rule()))) return known;
            if (known != null && known.life().isOpen()) {
                return act(known, new Act.Recur(at, message(finding.message())));
            }
            if (known != null && !at.isAfter(known.life().lastOccurredAt())) return known;
            if (!isRoomFor(finding)) {
                refused++;
                return known;
            }
            if (known != null) act(known, new Act.Cease(at, false)); // it must have ended, or it could not begin
            var made = begin(finding, at, home);
            if (isLast(finding)) note(made, new Happening(Kind.COMMENTED, at, Life.RULE, TOO_MANY));
            return made;
        }

        /// What ends in the same round makes room in the next.
        private boolean isRoomFor(Finding.Begun finding) {
            if (finding.key().isEmpty()) return true;
            return open.merge(spot(finding), 1, Integer::sum) <= Limits.ALERTS_OPEN;
        }

        private boolean isLast(Finding.Begun finding) {
            return !finding.key().isEmpty() && open.get(spot(finding)) == Limits.ALERTS_OPEN;
        }

        private static Key spot(Finding finding) {
            return new Key(finding.source().rule(), finding.device(), "");
        }

        private Alert begin(Finding.Begun finding, Instant at, Home home) {
            var source = finding.source();
            var alert = new Alert(numbers.next(), new Alert.Subject(home.organization(), finding.device(), home.name(),
                    source.rule(), source.version(), message(source.name()), key(finding).key(), source.severity(),
                    source.isShadow(), source.isLatched(), at, now.truncatedTo(ChronoUnit.MICROS),
                    storable(finding.why()), source.policy()), Life.begun(at, message(finding.message())));
            begun.put(alert.id(), alert);
            note(alert, new Happening(Kind.BEGUN, at, Life.RULE, alert.life().message()));
            return alert;
        }
    }

    private static Key key(Finding finding) {
        return new Key(finding.source().rule(), finding.device(), cut(finding.key(), Limits.ALERT_KEY_CHARACTERS));
    }

    private static String message(String text) {
        return cut(text, Limits.ALERT_MESSAGE_CHARACTERS);
    }

    /// What PostgreSQL can keep of it, not cut between the halves of a character.
    static String cut(String text, int most) {
        var whole = StorableText.accepts(text) ? text
                : text.codePoints().map(c -> c == 0 || c >= 0xD800 && c <= 0xDFFF ? '?' : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        return StorableText.shortened(whole, most);
    }

    private static JsonNode storable(JsonNode why) {
        var note = JsonNodeFactory.instance.objectNode();
        if (!StorableText.accepts(why) || !isFinite(why)) return note.put("omitted", "it could not be written as JSON");
        return why.toString().length() <= Limits.ALERT_WHY_CHARACTERS ? why
                : note.put("omitted", "it was longer than " + Limits.ALERT_WHY_CHARACTERS + " characters");
    }

    private static boolean isFinite(JsonNode json) {
        if (json.isFloatingPointNumber()) return json.isBigDecimal() || Double.isFinite(json.doubleValue());
        return json.valueStream().allMatch(Round::isFinite);
    }
}
