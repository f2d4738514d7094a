package io.iotflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.bench.load.Device;
import io.iotflow.bench.platform.FirmwareFleet;
import io.iotflow.bench.platform.Observer;
import io.iotflow.bench.platform.PlatformApi;
import io.iotflow.bench.report.Figure;
import io.iotflow.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Rollouts over a fleet of which some devices fail: one that may not lose as many, and halts, and one that may, and
/// finishes. From creating it to its end, downloads included.
@Command(description = "Rollouts over a fleet with failures: one that halts and one that finishes.")
final class RolloutCommand implements Callable<Integer> {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final String TYPE = "rollout-bench";

    private final InstantSource clock;

    @Mixin
    private Target target;

    @Option(names = "--devices", defaultValue = "10000", description = "Devices (default: ${DEFAULT-VALUE}).")
    private int devices;

    @Option(names = "--image-kib", defaultValue = "100",
            description = "Size of the image, in KiB (default: ${DEFAULT-VALUE}).")
    private int imageKib;

    @Option(names = "--failing", defaultValue = "5",
            description = "Devices that fail, in percent (default: ${DEFAULT-VALUE}).")
    private int failing;

    RolloutCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var date = clock.instant();
        var rows = new ArrayList<Row>();
        boolean isRight = true;
        try (var subject = target.open(Map.of())) {
            target.say("registering " + devices + " devices");
            var fleet = subject.register(devices, 1, TYPE, date);
            // The short one first: it warms the platform up for the long one.
            isRight &= trial(subject, fleet, "2.0", Math.max(0, failing - 2), "halted", rows);
            isRight &= trial(subject, fleet, "3.0", failing + 5, "finished", rows);
            subject.platform().requireAlive();
        }
        target.report(rows, date);
        if (!isRight) target.say("FAILED: a rollout did not end as configured");
        return isRight ? Main.OK : Main.FAILED;
    }

    /// @param allowed failures in percent
    private boolean trial(Target.Subject subject, List<Device> fleet, String version, int allowed, String end,
            List<Row> rows) throws IOException, InterruptedException {
        var api = subject.platform().api();
        var image = upload(api, version);
        var row = new Row(end);
        rows.add(row);
        target.say("rollout of " + version + " to " + fleet.size() + " devices, " + allowed + " % may fail");
        long start = System.nanoTime();
        var rollout = api.post("/api/v1/rollouts", plan(image, allowed)).path("id").asText();
        var seen = new AtomicReference<JsonNode>(JsonNodeFactory.instance.objectNode());
        var working = new FirmwareFleet(api.base(), fleet,
                device -> Long.parseLong(device.id()) * 7919 % 100 < failing);
        try (var observer = new Observer(Optional.of(api), subject.platform().pid())) {
            double cpu = Trial.ownCpuSeconds();
            var watcher = Thread.startVirtualThread(() -> watch(api, rollout, seen));
            working.work(() -> !watcher.isAlive());
            row.with(Figure.ROLLOUT_S, (System.nanoTime() - start) / 1e9)
                    .with(Figure.GENERATOR_CPU_S, Trial.ownCpuSeconds() - cpu);
            Trial.observed(row, observer.seen());
        }
        var progress = seen.get().path("progress");
        row.with(Figure.ROLLOUT_DEVICES, progress.path("devices").asLong())
                .with(Figure.ROLLOUT_INSTALLED, progress.path("installed").asLong())
                .with(Figure.ROLLOUT_FAILED, progress.path("failed").asLong())
                .with(Figure.ROLLOUT_DOWNLOADED_MB, working.bytes() / 1e6);
        target.say("  " + seen.get().path("state").asText() + " " + seen.get().path("reason").asText() + " "
                + progress);
        return seen.get().path("state").asText().equals(end);
    }

    private static void watch(PlatformApi api, String rollout, AtomicReference<JsonNode> seen) {
        try {
            while (seen.get().path("ended_at").asText("").isEmpty() || seen.get().path("ended_at").isNull()) {
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
                seen.set(api.get("/api/v1/rollouts/" + rollout));
            }
        } catch (IOException e) {
            // The row shows what was seen last.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String upload(PlatformApi api, String version) throws IOException, InterruptedException {
        var image = new byte[imageKib << 10];
        new Random(version.hashCode()).nextBytes(image);
        var id = api.post("/api/v1/firmware", JsonNodeFactory.instance.objectNode().put("name", TYPE)
                .put("version", version).put("size", image.length).put("sha256", FirmwareFleet.sha256(image)))
                .path("id").asText();
        api.put("/api/v1/firmware/" + id + "/content", image);
        api.post("/api/v1/firmware/" + id + "/finish", JsonNodeFactory.instance.objectNode());
        return id;
    }

    private static JsonNode plan(String image, int allowed) {
        var plan = JsonNodeFactory.instance.objectNode().put("name", "bench").put("firmware_id", Long.parseLong(image))
                .put("error_percent", allowed).put("success_percent", 100 - allowed).put("max_attempts", 1);
        plan.putObject("scope").putArray("device_types").add(TYPE);
        var stages = plan.putArray("stages");
        stages.addObject().put("percent", 10);
        stages.addObject();
        return plan;
    }
}
