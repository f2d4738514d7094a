package io.iotflow.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.telemetry.RawQuery.Order;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process in the midst of its commits, several times over the same folder.
class CrashTest {
    private static final long START = 20_454L * 86_400_000_000L;
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final int POINTS_A_COMMIT = 500;
    private static final int KILLS = 4;

    @TempDir
    private Path folder;

    @Test
    void everythingCommittedIsThereOnceAfterKill9() throws Exception {
        var random = new Random(7);
        var next = 0L;
        for (var kill = 0; kill < KILLS; kill++) {
            var committed = runUntilKilled(next, 5 + random.nextInt(40));
            assertThat(committed).isGreaterThan(next);
            try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system())) {
                assertThat(store.lag()).isZero();
                next = checked(store, committed);
            }
        }
    }

    /// @return what the process said it had committed before it was killed
    private long runUntilKilled(long from, int commits) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(it -> it.startsWith("--")).forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"),
                CrashTest.class.getName(), folder.toString(), Long.toString(from)));
        var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        var committed = from;
        try (var lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("committed ")) continue;
                committed = Long.parseLong(line.substring("committed ".length()));
                if (--commits == 0) process.toHandle().destroyForcibly();
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        return committed;
    }

    /// The commit that was cut off may be there in part: numbers without their texts.
    ///
    /// @return how many measurements are there
    private static long checked(TelemetryStore store, long committed) {
        var query = new RawQuery(DEVICE, Set.of(), 0, TelemetryStore.LATEST_MICROS, Order.ASCENDING, 10_000);
        var expected = 0L;
        var texts = 0L;
        for (var page = store.raw(query); ; page = store.raw(query)) {
            for (var row : page.rows()) {
                assertThat(row.timeMicros()).isEqualTo(START + expected);
                assertThat(row.values().get("n")).isEqualTo(new Whole(expected));
                var text = row.values().get("t");
                if (text != null || expected % 10 == 0 && expected < committed) {
                    assertThat(text).isEqualTo(new Text("t" + expected));
                    texts++;
                }
                expected++;
            }
            if (!page.more()) break;
            query = query.after(page.rows().getLast().timeMicros());
        }
        assertThat(expected).isGreaterThanOrEqualTo(committed);
        assertThat(store.pointsStored()).isEqualTo(expected + texts);
        return expected;
    }

    /// The process that is killed: appends and commits for ever, saying after each commit how far it is. It begins a
    /// little before where the last one ended, as a replayed log does.
    public static void main(String[] arguments) {
        var next = Math.max(0, Long.parseLong(arguments[1]) - 3 * POINTS_A_COMMIT);
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, Path.of(arguments[0]), InstantSource.system())) {
            while (true) {
                for (var i = 0; i < POINTS_A_COMMIT; i++, next++) {
                    store.append(DEVICE, new Measurement("n", START + next, new Whole(next)));
                    if (next % 10 == 0) store.append(DEVICE, new Measurement("t", START + next, new Text("t" + next)));
                }
                store.commit();
                System.out.println("committed " + next);
            }
        }
    }
}
