package io.iotflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.bench.platform.ProcessTree;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// One thing after the other done to a whole fleet: from the request that wants it until its last outcome is kept.
@Command(description = "Batches over a whole fleet: how long until each operation is done to all.")
final class BatchesCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--devices", defaultValue = "10000", description = "Devices (default: ${DEFAULT-VALUE}).")
    private int devices;

    BatchesCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        var isComplete = true;
        try (var subject = target.open(Map.of())) {
            target.say("registering " + devices + " devices");
            subject.register(devices, date);
            var group = "bench-" + Long.toString(date.toEpochMilli(), 36);
            subject.platform().api().post("/api/v1/groups", JsonNodeFactory.instance.objectNode().put("name", group));
            for (var wish : wishes(group).entrySet()) {
                target.say(wish.getKey());
                isComplete &= measure(subject, wish.getKey(), wish.getValue(), rows);
            }
            subject.platform().requireAlive();
        } finally {
            if (!rows.isEmpty()) target.report(rows, date);
        }
        return isComplete ? Main.OK : Main.FAILED;
    }

    private static Map<String, ObjectNode> wishes(String group) {
        var wishes = new LinkedHashMap<String, ObjectNode>();
        for (var isAtomic : List.of(false, true)) {
            var wish = wish("set_tags").put("atomic", isAtomic);
            wish.putObject("params").putObject("set").put("atomic", isAtomic);
            wishes.put(isAtomic ? "set_tags, atomic" : "set_tags", wish);
        }
        wish(wishes, "group").put("add", group);
        wish(wishes, "set_configuration").put("key", "interval").put("value", 5);
        wish(wishes, "command").put("type", "blink");
        wish(wishes, "delete");
        return wishes;
    }

    private static ObjectNode wish(Map<String, ObjectNode> wishes, String operation) {
        var wish = wish(operation);
        wishes.put(operation, wish);
        return wish.putObject("params");
    }

    private static ObjectNode wish(String operation) {
        return JsonNodeFactory.instance.objectNode().put("operation", operation)
                .put("filter", "device.type == 'bench'");
    }

    private boolean measure(Target.Subject subject, String name, ObjectNode wish, List<Row> rows)
            throws IOException, InterruptedException {
        var api = subject.platform().api();
        var cpu = processorTime(subject);
        var began = System.nanoTime();
        var batch = api.post("/api/v1/devices/batch", wish).path("id").asText();
        var started = since(began);
        JsonNode now;
        do {
            TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            now = api.get("/api/v1/batches/" + batch);
        } while (!now.path("status").asText().equals("done") && since(began) < PATIENCE.toSeconds());
        var done = now.path("counts").path("done").asInt();
        rows.add(new Row(name).with(Figure.BATCH_DEVICES, done).with(Figure.BATCH_STARTED_S, started)
                .with(Figure.BATCH_DONE_S, since(began))
                .with(Figure.PLATFORM_CPU_S, processorTime(subject) - cpu));
        return done == devices;
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static double processorTime(Target.Subject subject) {
        var pid = subject.platform().pid();
        return pid.isPresent() ? new ProcessTree(pid.getAsLong()).cpuSeconds() : Double.NaN;
    }
}
