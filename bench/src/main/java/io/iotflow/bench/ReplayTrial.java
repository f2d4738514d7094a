package io.iotflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.bench.load.Payload;
import io.iotflow.bench.load.Schedule;
import io.iotflow.bench.platform.BatchLoad;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.Verification;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Rules over a day of history: what the platform says that they would have raised, and how long that took.
///
/// @param end of that day
record ReplayTrial(Target target, Target.Subject subject, Instant end) {
    private static final Duration LOADING = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final String TYPE = "history";
    private static final JsonNode THRESHOLD = RuleSet.document("replayed threshold", TYPE, """
            {"type":"threshold_high","metric":"temperature","threshold":21.98,"clear":21.02}""");
    private static final JsonNode STATISTICS = RuleSet.document("replayed window", TYPE, """
            {"type":"statistical","metric":"temperature","window":"1h","sigma":1.7}""");

    /// Makes the history.
    ///
    /// @param each points of each device
    /// @return whether the store holds it
    boolean load(int count, long each, List<Row> rows) throws IOException, InterruptedException {
        var api = subject.platform().api();
        var devices = subject.register(count, 1, TYPE, end);
        target.say("loading " + each * count + " points of " + count + " devices");
        // A step that is no whole number of hundreds of microseconds, by which the values vary.
        var done = new BatchLoad(api, devices, new Payload(1), 4, 5_000, each, end.minus(DAY).toEpochMilli() * 1_000,
                DAY.toNanos() / 1_000 / each | 1).run(LOADING);
        var verification = Verification.of(done.devices(), 1, api);
        var row = new Row("history").with(Figure.POINTS_PER_SECOND, done.records() / done.seconds());
        Trial.verified(row, verification);
        rows.add(row);
        return Trial.holds(verification, target);
    }

    void run(List<Row> rows) throws IOException, InterruptedException {
        rows.add(replay(THRESHOLD));
        rows.add(replay(STATISTICS));
    }

    private Row replay(JsonNode rule) throws IOException, InterruptedException {
        var api = subject.platform().api();
        var label = rule.path("name").asText();
        target.say(label);
        var wish = JsonNodeFactory.instance.objectNode().put("start_time", end.minus(DAY.multipliedBy(2)).toString())
                .put("end_time", end.plus(DAY).toString());
        wish.set("rule", rule);
        try (var observer = new Observer(Optional.of(api), subject.platform().pid())) {
            double before = observer.seen().peak();
            var path = "/api/v1/rules/replays/" + api.post("/api/v1/rules/replay", wish).path("id").asLong();
            var outcome = api.get(path);
            // Seldom: each answer lists the alerts so far.
            for (; outcome.path("state").asText().equals("running"); outcome = api.get(path)) {
                LockSupport.parkNanos(Schedule.NANOS);
            }
            if (!outcome.path("state").asText().equals("done")) {
                throw new IOException(label + " " + outcome.path("state").asText() + ": "
                        + outcome.path("failure").asText());
            }
            var row = new Row(label).with(Figure.REPLAY_POINTS, outcome.path("points").asDouble())
                    .with(Figure.REPLAY_S, outcome.path("seconds").asDouble())
                    .with(Figure.ALERTS, outcome.path("would").path("begun").asDouble())
                    .with(Figure.RESIDENT_BEFORE_MB, before / (1 << 20));
            Trial.observed(row, observer.seen());
            target.say("  " + row.figures());
            return row;
        }
    }
}
