package io.iotflow.server.alert;

import static io.iotflow.server.alert.Watched.at;
import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.notification.Notice;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Random findings, acts of people, crashes in which some findings are lost and after which the last ones come again,
/// in batches of chance: whatever the order, no key ever has two open alerts, no beginning is lost or invented, and
/// each history is a life that can be.
class AlertSimulationTest {
    private static final Actor ANNA = new Actor(Actor.Kind.USER, "1", "anna", ROOT, "", "http");
    private static final int STEPS = 400;

    private final Database database = SharedDatabase.open();
    private final Watched watched = new Watched();

    @Test
    void whateverHappensEveryKeyHasOneOpenAlertAndNothingIsLostOrInvented() {
        for (var seed = 1L; seed <= 8; seed++) new Run(seed).go();
    }

    /// What a rule knows of one key.
    private static final class Truth {
        boolean holds;
        final List<Instant> beginnings = new ArrayList<>();
    }

    private final class Run {
        private final long seed;
        private final Random random;
        private final InstantSource clock = InstantSource.fixed(at(1_000_000));
        private final Finding.Source plain = watched.rule(false, false);
        private final Finding.Source latched = watched.rule(true, false);
        private final List<DeviceId> devices = watched.devices(3);
        private final Map<AlertStore.Key, Truth> truths = new HashMap<>();
        /// Since the last position that is known to be kept.
        private final List<Finding> recent = new ArrayList<>();
        private final List<Notice> told = Collections.synchronizedList(new ArrayList<>());
        private Alerts alerts = open();
        private AlertDesk desk = desk();
        private long second;
        /// What is found from now on is lost in the crash that is to come.
        private boolean isDying;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        private Alerts open() {
            return new Alerts(database, AlertConfig.standard(), (_, notice) -> told.add(notice), clock);
        }

        private AlertDesk desk() {
            return new AlertDesk(database, alerts, new Audit(database, clock), clock);
        }

        void go() {
            for (var step = 0; step < STEPS; step++) {
                var chance = random.nextInt(100);
                if (chance < 70) find();
                else if (chance < 92) act();
                else if (chance < 96) settle();
                else if (chance < 98) isDying = true;
                else crash();
            }
            if (isDying) crash();
            settle();
            check();
            alerts.close();
        }

        /// What an engine would find next about some key.
        private void find() {
            var rule = random.nextBoolean() ? plain : latched;
            var device = devices.get(random.nextInt(devices.size()));
            var key = random.nextInt(3) == 0 ? "E" + random.nextInt(2) : "";
            var truth = truths.computeIfAbsent(new AlertStore.Key(rule.rule(), device, key), _ -> new Truth());
            var now = at(++second);
            if (!truth.holds) {
                truth.holds = true;
                truth.beginnings.add(now);
                submit(new Finding.Begun(rule, device, key, now, "begun", JsonNodeFactory.instance.objectNode()));
            } else if (random.nextInt(3) > 0) {
                submit(new Finding.Occurred(rule, device, key, now, 1 + random.nextInt(3), "still"));
            } else {
                truth.holds = false;
                submit(new Finding.Ended(rule, device, key, now));
            }
        }

        private void submit(Finding finding) {
            recent.add(finding);
            if (!isDying) alerts.submit(finding);
        }

        private void act() {
            var all = alertsOf(plain, latched);
            if (all.isEmpty()) return;
            var id = all.get(random.nextInt(all.size())).id();
            try {
                desk.act(ANNA, id, (by, at) -> switch (random.nextInt(5)) {
                    case 0 -> new Act.Acknowledge(by, at);
                    case 1 -> new Act.Resolve(by, at, "done");
                    case 2 -> new Act.Assign(by, at, "");
                    case 3 -> new Act.Comment(by, at, "hm");
                    default -> new Act.Judge(by, at, random.nextBoolean(), "");
                });
            } catch (PlatformException refused) {
                assertThat(refused.getMessage()).contains("resolved");
            }
        }

        /// Everything up to here is known to be kept.
        private void settle() {
            while (alerts.written() < alerts.submitted()) LockSupport.parkNanos(50_000);
            if (!isDying) recent.clear();
        }

        /// The platform starts again, and the log from where its position was saved.
        private void crash() {
            alerts.close();
            alerts = open();
            desk = desk();
            isDying = false;
            recent.forEach(alerts::submit);
        }

        private List<Alert> alertsOf(Finding.Source... rules) {
            var all = new ArrayList<Alert>();
            for (var rule : rules) all.addAll(watched.alerts(rule));
            return all;
        }

        private void check() {
            var alertsByKey = new TreeMap<String, List<Alert>>();
            for (var alert : alertsOf(plain, latched)) {
                var subject = alert.subject();
                alertsByKey.computeIfAbsent(subject.rule() + " " + subject.device() + " " + subject.key(),
                        _ -> new ArrayList<>()).add(alert);
            }
            truths.forEach((key, truth) -> check(key, truth, alertsByKey.getOrDefault(
                    key.rule() + " " + key.device() + " " + key.key(), List.of())));
            assertThat(alertsByKey.size()).as("keys with alerts, seed %s", seed)
                    .isEqualTo((int) truths.values().stream().filter(it -> !it.beginnings.isEmpty()).count());
            checkNotices();
        }

        private void check(AlertStore.Key key, Truth truth, List<Alert> all) {
            assertThat(all.stream().filter(alert -> alert.life().isOpen()).count()).as("open of %s", key)
                    .isLessThanOrEqualTo(1);
            // Every beginning is the beginning of an alert, or a line of one that was open, and nothing else is.
            var begun = new ArrayList<Instant>();
            for (var alert : all) {
                begun.add(alert.subject().beganAt());
                for (var happening : history(alert)) {
                    if (happening.kind() == Happening.Kind.OCCURRED_AGAIN) begun.add(happening.at());
                }
                checkLife(alert);
            }
            assertThat(all.stream().filter(alert -> alert.life().clearedAt().isEmpty()).count())
                    .as("what goes on of %s, seed %s", key, seed).isEqualTo(truth.holds ? 1 : 0);
            assertThat(begun).as("beginnings of %s, seed %s", key, seed).containsExactlyElementsOf(truth.beginnings);
        }

        private List<Happening> history(Alert alert) {
            return database.transaction(ROOT, handle -> new AlertStore().history(handle, alert.id()));
        }

        /// The history, played from its beginning, allows each of its lines and ends in the alert's present state.
        private void checkLife(Alert alert) {
            var lines = history(alert);
            assertThat(lines.getFirst().kind()).isEqualTo(Happening.Kind.BEGUN);
            var isOpen = true;
            var isAcknowledged = false;
            var isFalse = false;
            var isCleared = false;
            for (var line : lines.subList(1, lines.size())) {
                var text = alert.id() + " " + lines + ", seed " + seed;
                switch (line.kind()) {
                    case BEGUN -> throw new AssertionError("begun twice: " + text);
                    case OCCURRED_AGAIN -> {
                        assertThat(isOpen && isCleared).as(text).isTrue();
                        isCleared = false;
                    }
                    case CLEARED -> {
                        assertThat(isCleared).as(text).isFalse();
                        isCleared = true;
                    }
                    case ACKNOWLEDGED -> {
                        assertThat(isOpen && !isAcknowledged).as(text).isTrue();
                        isAcknowledged = true;
                    }
                    case RESOLVED -> {
                        assertThat(isOpen).as(text).isTrue();
                        isOpen = false;
                        if (line.actor().equals(Life.RULE)) isCleared = true;
                    }
                    case MARKED_FALSE_POSITIVE, UNMARKED -> {
                        assertThat(line.kind() == Happening.Kind.UNMARKED).as(text).isEqualTo(isFalse);
                        isFalse = !isFalse;
                    }
                    case ASSIGNED, COMMENTED -> { }
                }
            }
            assertThat(List.of(isOpen, isCleared, isFalse)).as("%s, seed %s", alert, seed).isEqualTo(List.of(
                    alert.life().isOpen(), alert.life().clearedAt().isPresent(), alert.life().isFalsePositive()));
            assertThat(alert.life().acknowledged().isPresent()).isEqualTo(isAcknowledged);
        }

        /// Each beginning and each end is told exactly once.
        private void checkNotices() {
            Set<String> once = new HashSet<>();
            for (var notice : List.copyOf(told)) {
                assertThat(once.add(notice.kind() + " " + notice.alert())).as("%s twice", notice).isTrue();
            }
            for (var alert : alertsOf(plain, latched)) {
                assertThat(once.contains("BEGUN " + alert.id())).isTrue();
                assertThat(once.contains("RESOLVED " + alert.id())).isEqualTo(!alert.life().isOpen());
            }
        }
    }
}
