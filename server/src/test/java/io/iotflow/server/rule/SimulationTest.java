package io.iotflow.server.rule;

import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.alert.AlertConfig;
import io.iotflow.server.alert.Alerts;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Presence;
import io.iotflow.server.geo.Geofences;
import io.iotflow.server.geo.TestGeofences;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.NothingSealed;
import io.iotflow.server.ingest.Processing;
import io.iotflow.server.ingest.Tracing;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.journal.JournalConfig;
import io.iotflow.server.telemetry.TelemetryConfig;
import io.iotflow.server.telemetry.TelemetryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random measurements through the real log, store, rules and alerts, with restarts of which some forget the last
/// events, messages that come twice, and messages that come late. Only the clock and the chance are ours.
class SimulationTest {
    private static final List<String> CONDITIONS = List.of(
            "{'type':'threshold_high','metric':'t','threshold':30,'clear':28}",
            "{'type':'threshold_high','metric':'t','threshold':27,'hold':'40s'}",
            "'t > 25 && u < 10'",
            "{'type':'absence','for':'50s'}",
            "{'type':'absence','metric':'u','for':'70s'}",
            "{'type':'rate','metric':'t','per':'10s','above':6}",
            "{'type':'statistical','metric':'t','sigma':2,'window':'5m','minimum':5}",
            "{'type':'sequence','first':'t > 30','then':'u > 15','within':'1m'}",
            "{'type':'sequence','first':'t > 30','then':'u > 15','within':'1m','absent':true}",
            "{'type':'count','of':'t > 26','at_least':4,'within':'1m'}",
            "{'type':'any','of':[{'type':'all','of':['t > 28',{'type':'time_window','from':'00:10','to':'00:20'}]},"
                    + "'avg(t, `2m`) > 26']}",
            "'current - metrics.t.avg > 4 && stddev(t, `1m`) > 0.5'",
            "'previous(t) > 30 && t < 25'",
            "{'type':'not','of':{'type':'threshold_low','metric':'u','threshold':18,'hold':'20s'}}");

    @TempDir
    Path folder;

    private final Database database = SharedDatabase.open();
    private final Map<DeviceId, Device> devices = new TreeMap<>((one, other) ->
            Long.compare(one.value(), other.value()));
    private final List<Rule> rules = new ArrayList<>();
    private Instant now = Instant.parse("2026-04-01T00:00:00Z");
    private Instant start = now;
    private final InstantSource clock = () -> now;
    private Running running;
    private TelemetryStore store;
    private Journal journal;

    /// Everything that a restart ends.
    private final class Running implements AutoCloseable {
        private final Closer closer = new Closer();
        final Alerts alerts;
        final Lanes lanes;
        final StoreFollower follower;
        final Ingest ingest;
        final Rules rules;
        final History history;

        Running() {
            var audit = new Audit(database, clock);
            alerts = closer.add(new Alerts(database, AlertConfig.standard(), (_, _) -> { }, InstantSource.system()));
            rules = new Rules(database, alerts, (_, _, _) -> { }, new Geofences(database, audit, clock), audit, clock);
            lanes = closer.add(new Lanes(journal, folder, 2, List.of(alerts)));
            // Its clock says how far it is behind; by ours, which leaps, it would seem to be, and slow the log.
            follower = closer.add(new StoreFollower(journal, store, folder, lanes::kept, () -> Instant.EPOCH,
                    StoreFollower.Pace.NORMAL));
            var presence = closer.add(new Presence(database, DeviceConfig.standard(), clock));
            history = new History(store, follower, presence);
            var engine = new RuleEngine(rules, new RuleEngine.Fleet(id -> Optional.ofNullable(devices.get(id)),
                    () -> List.copyOf(devices.keySet()), _ -> Optional.empty(), _ -> Optional.empty(), _ -> true,
                    _ -> false, DeviceFacts.Around.NOTHING, _ -> Json.mapper().createObjectNode()), history,
                    alerts::submit, alerts.breaches(), Tracing.NOTHING, 2, clock);
            lanes.start(List.of(engine, SimulationTest.this::observe));
            ingest = new Ingest(TelemetryLimits.STANDARD, store.series(), Processing.NOTHING, new NothingSealed(),
                    Tracing.NOTHING, journal, true, clock);
        }

        @Override
        public void close() {
            closer.close();
        }
    }

    private void observe(DeviceEvent event) {
        if (!(event instanceof DeviceEvent.TelemetryReceived received)) return;
        for (var measurement : received.measurements()) store.series().observe(received.device(), measurement);
    }

    private void begin(String name) throws IOException {
        begin(name, CONDITIONS);
    }

    private void begin(String name, List<String> conditions) throws IOException {
        start = now;
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder.resolve("store"), clock);
        journal = Journal.open(new JournalConfig(JournalConfig.Durability.OS, 2, 12, 2), folder);
        running = new Running();
        for (var n = 0; n < 4; n++) {
            var device = name + "-" + n;
            var id = new DeviceId(database.<Long, RuntimeException>transaction(ROOT, handle -> handle.createQuery("""
                    INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                    VALUES ('/1/', :name, 't', 'active', now(), now()) RETURNING id""").bind("name", device)
                    .mapTo(Long.class).one()));
            devices.put(id, new Device(id, ROOT, device, name, "", "", "", "", Json.mapper().createObjectNode(),
                    Json.mapper().createArrayNode(), "", DeviceStatus.ACTIVE, Optional.empty(), 1, start, start));
        }
        for (var condition : conditions) {
            rules.add(running.rules.create(Actor.PLATFORM, ROOT, document(name + " " + rules.size(), name, condition)));
        }
        awaitTicks(); // a new rule asks when the lanes come to know it, which history does not know
    }

    private static ObjectNode document(String name, String type, String condition) {
        try {
            return (ObjectNode) Json.mapper().readTree("{'name':'%s','scope':{'device_types':['%s']},'condition':%s}"
                    .formatted(name, type, condition).replace('\'', '"').replace('`', '\''));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(condition, e);
        }
    }

    private void end() {
        running.close();
        journal.close();
        store.close();
    }

    /// As after a crash: the last events come once more.
    private void restart(boolean isCrash) throws Exception {
        var position = folder.resolve("lanes.position");
        var earlier = folder.resolve("earlier.position");
        running.close();
        if (isCrash && Files.exists(earlier)) {
            Files.copy(earlier, position, StandardCopyOption.REPLACE_EXISTING);
        }
        running = new Running();
    }

    private void remember() throws IOException {
        Files.copy(folder.resolve("lanes.position"), folder.resolve("earlier.position"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void send(DeviceId device, Instant at, String values) throws Exception {
        var payload = "{\"ts\":" + at.toEpochMilli() + ",\"values\":{" + values + "}}";
        var outcome = running.ingest.accept(new InboundMessage(device, ROOT, Kind.TELEMETRY,
                payload.getBytes(StandardCharsets.UTF_8)));
        running.ingest.awaitDurable((IngestOutcome.Accepted) outcome);
    }

    private static String values(Random random, double[] levels) {
        levels[0] += random.nextGaussian() * 2 + (24 - levels[0]) * 0.1;
        levels[1] += random.nextGaussian() * 2 + (14 - levels[1]) * 0.1;
        var t = String.format(Locale.ROOT, "\"t\":%.2f", levels[0]);
        var u = String.format(Locale.ROOT, "\"u\":%.2f", levels[1]);
        return switch (random.nextInt(4)) {
            case 0 -> t;
            case 1 -> u;
            default -> t + "," + u;
        };
    }

    /// @param isLate whether some come late, and rules are edited
    private void simulate(int seed, int steps, boolean isLate) throws Exception {
        var random = new Random(seed);
        var ids = List.copyOf(devices.keySet());
        var levels = new double[ids.size()][];
        for (var n = 0; n < levels.length; n++) levels[n] = new double[] {24, 14};
        var last = new InboundAt[ids.size()];
        for (var step = 0; step < steps; step++) {
            now = now.plusMillis(1 + random.nextInt(random.nextInt(20) == 0 ? 120_000 : 6_000));
            var n = random.nextInt(ids.size());
            var message = values(random, levels[n]);
            send(ids.get(n), now, message);
            if (random.nextInt(10) == 0 && last[n] != null) send(ids.get(n), last[n].at, last[n].values);
            if (isLate && random.nextInt(10) == 0) send(ids.get(n), now.minusSeconds(1 + random.nextInt(300)), message);
            last[n] = new InboundAt(now, message);
            if (random.nextInt(steps / 4) == 0) restart(random.nextBoolean());
            if (random.nextInt(steps / 8) == 0) {
                running.lanes.catchUp(Duration.ofSeconds(10));
                remember();
            }
            if (isLate && random.nextInt(steps / 6) == 0) edit(random);
        }
        settle();
    }

    private record InboundAt(Instant at, String values) {}

    private void edit(Random random) {
        var at = random.nextInt(rules.size());
        var rule = rules.get(at);
        var document = rule.document().deepCopy().put("severity", "major");
        rules.set(at, running.rules.update(Actor.PLATFORM, rule.id(), OptionalLong.empty(), document));
    }

    /// Time goes on until nothing is left to happen: the lanes have read all, and have looked at the clock since.
    private void settle() throws Exception {
        assertThat(running.lanes.catchUp(Duration.ofSeconds(20))).isTrue();
        now = now.plusSeconds(600);
        var before = new long[] {-1};
        TestPlatform.await("the alerts to stand still", Duration.ofSeconds(20), () -> {
            var marks = running.alerts.submitted();
            awaitTicks();
            var isStill = marks == before[0] && running.alerts.written() == marks;
            before[0] = marks;
            return isStill;
        });
    }

    /// Each lane has dealt with a whole tick that began after this.
    private void awaitTicks() {
        var before = running.lanes.ticks();
        TestPlatform.await(running.lanes::ticks, now ->
                IntStream.range(0, before.size()).allMatch(lane -> now.get(lane) >= before.get(lane) + 2));
    }

    private record Kept(String key, Instant began, Optional<Instant> ended) {}

    private List<Kept> kept(Rule rule, DeviceId device) {
        return database.transaction(ROOT, handle -> handle.createQuery("""
                SELECT key, began_at, cleared_at FROM alerts WHERE rule_id = :rule AND device_id = :device
                ORDER BY began_at""").bind("rule", rule.id()).bind("device", device.value())
                .map((row, _) -> new Kept(row.getString("key"), row.getTimestamp("began_at").toInstant(),
                        Optional.ofNullable(row.getTimestamp("cleared_at")).map(java.sql.Timestamp::toInstant)))
                .list());
    }

    @Test
    void historyGivesTheSameAlertsAsThePresentDid() throws Exception {
        for (var seed = 1; seed <= Integer.getInteger("iotflow.rules.seeds", 2); seed++) {
            begin("same-" + seed);
            simulate(seed, 600, false);
            assertThat(compared("seed " + seed)).isGreaterThan(200);
            end();
            forget();
        }
    }

    /// @return how many alerts there are, which are those that history gives
    private int compared(String what) {
        var alerts = 0;
        for (var rule : rules) {
            var replay = new Replay(RuleReader.program(rule, TestGeofences.NONE), Optional.empty(),
                    List.copyOf(devices.values()), DeviceFacts.Around.NOTHING, _ -> Json.mapper().createObjectNode(),
                    Timestamps.micros(start), Timestamps.micros(now.minusSeconds(2)), running.history);
            replay.run();
            for (var device : devices.values()) {
                var would = replay.would().alerts().stream().filter(it -> it.device().equals(device.id()))
                        .map(it -> new Kept(it.key(), it.began(), it.ended())).toList();
                assertThat(kept(rule, device.id())).as("%s, %s", what, rule.document()).isEqualTo(would);
                alerts += would.size();
            }
        }
        return alerts;
    }

    @Test
    void whatEndedAfterACrashDoesNotShortenTheNextHold() throws Exception {
        begin("hold", List.of("{'type':'threshold_high','metric':'t','threshold':27,'hold':'40s'}"));
        var device = devices.keySet().iterator().next();
        measure(device, 0, "t", 30);
        remember();
        measure(device, 41, "t", 30);
        restart(true); // the hold of 40 s has elapsed; the message that tells of it comes once more
        measure(device, 1, "t", 20);
        measure(device, 0.5, "t", 30);
        now = now.plusSeconds(10); // what was open at the crash is asked about, while the next hold is under way
        awaitTicks();
        measure(device, 31, "t", 30);
        measure(device, 1, "t", 20);
        settle();
        assertThat(began(0, device)).containsExactly(40.0, 82.5);
        compared("hold");
        end();
    }

    @Test
    void whatHeldBeforeARestartHasNotJustBegun() throws Exception {
        begin("level", List.of("{'type':'sequence','first':'t > 30','then':'u > 15','within':'1m'}",
                "{'type':'expression','expression':'t > 30 && u < 10','hold':'40s'}",
                "{'type':'absence','for':'1h'}"));
        var ids = devices.keySet().iterator();
        var device = ids.next();
        measure(device, 0, "t", 31);
        measure(device, 100, "t", 31);
        restart(false);
        measure(device, 10, "u", 20); // by now the first is 110 s old
        var other = ids.next();
        measure(other, 0, "u", 5); // at 110 s
        measure(other, 100, "t", 31);
        restart(false);
        measure(other, 45, "t", 31); // what was last known of the other metric counts from the first moment
        var third = ids.next();
        measure(third, 0, "t", 31);
        measure(third, 90, "u", 5);
        measure(third, 10, "t", 31);
        restart(false); // which notes how far the lanes have come
        remember();
        measure(third, 5, "t", 31); // comes once more
        restart(true);
        measure(third, 5, "u", 20);
        settle();
        assertThat(began(0, device)).isEmpty();
        assertThat(began(0, third)).isEmpty();
        assertThat(began(1, other)).containsExactly(250.0);
        compared("level");
        end();
    }

    /// When the alerts of a rule at a device began, in seconds after the start.
    private List<Double> began(int rule, DeviceId device) {
        return kept(rules.get(rule), device).stream().map(it -> Duration.between(start, it.began).toMillis() / 1e3)
                .toList();
    }

    private void measure(DeviceId device, double secondsLater, String metric, int value) throws Exception {
        now = now.plusMillis((long) (secondsLater * 1_000));
        send(device, now, "\"" + metric + "\":" + value);
        assertThat(running.lanes.catchUp(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void lateMessagesEditsAndRestartsNeverOpenTwoAlertsOfOneKey() throws Exception {
        begin("late");
        simulate(99, 600, true);
        var seen = 0;
        for (var rule : rules) {
            for (var device : devices.keySet()) {
                var kept = kept(rule, device);
                for (var n = 1; n < kept.size(); n++) {
                    // One after the other: the one before had ended when the next began.
                    assertThat(kept.get(n - 1).ended()).as("%s", kept).isPresent();
                    assertThat(kept.get(n - 1).ended().get()).isBeforeOrEqualTo(kept.get(n).began());
                }
                seen += kept.size();
            }
        }
        assertThat(seen).isGreaterThan(200);
        end();
    }

    private void forget() throws IOException {
        devices.clear();
        rules.clear();
        now = now.plus(Duration.ofDays(1));
        for (var path : List.of("earlier.position")) Files.deleteIfExists(folder.resolve(path));
    }
}
