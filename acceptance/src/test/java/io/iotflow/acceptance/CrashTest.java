package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The promise: what the platform has acknowledged is there, once, whenever it was killed. `-Diotflow.soak=true` kills
/// it thirty times, `-Diotflow.seed=…` chooses other moments.
class CrashTest {
    private static final int ROUNDS = Boolean.getBoolean("iotflow.soak") ? 30 : 3;
    private static final long SEED = Long.getLong("iotflow.seed", 20_260_101);
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final int SEGMENT_HEADER = 32;
    private static final int GARBAGE_BYTES = 4_096;
    /// Small segments, so that the log goes from one to the next, and uses old ones again, while it is killed.
    private static final String[] SMALL_SEGMENTS = {"--set", "journal.segment_mib=4", "--set", "journal.buffer_mib=2"};

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final List<SequencedDevice> devices = new ArrayList<>();

    @Test
    void everyAcknowledgedMessageIsThereOnceAfterEveryKill() throws Exception {
        var data = folder.resolve("data");
        var platform = PackagedPlatform.start(data, SMALL_SEGMENTS);
        try {
            for (int i = 0; i < 6; i++) {
                devices.add(new SequencedDevice(platform.register("crash-" + i), FIRST.toEpochMilli(), i >= 4));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                killUnderLoad(platform);
                spoilTail(data.resolve("journal"));
                platform = PackagedPlatform.start(data, SMALL_SEGMENTS);
                verify(platform, "seed " + SEED + ", round " + round);
            }
            // Nothing is on its way now and all is in the store, so damage in the log must not matter.
            platform.kill9();
            flipBitInStoredRecord(data.resolve("journal"));
            cutTail(data.resolve("journal"));
            platform = PackagedPlatform.start(data, SMALL_SEGMENTS);
            verify(platform, "after a flipped bit");
            loadFor(platform, Duration.ofSeconds(1));
            verify(platform, "after more load");
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            platform.close();
        }
    }

    private void killUnderLoad(PackagedPlatform platform) throws InterruptedException {
        var sending = devices.stream().map(device -> device.sendTo(platform)).toList();
        int before = acknowledged();
        Await.until("load flows", Duration.ofSeconds(30), () -> acknowledged() > before + 100);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(50, 2_500)).toNanos());
        var tree = platform.processTree();
        assertThat(tree).as("PostgreSQL runs beside it").hasSizeGreaterThan(1);
        platform.kill9();
        for (var thread : sending) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        Await.until("no process is left", Duration.ofSeconds(30),
                () -> tree.stream().noneMatch(ProcessHandle::isAlive));
        System.out.println("killed with " + acknowledged() + " messages acknowledged, " + sent() + " sent");
    }

    private void loadFor(PackagedPlatform platform, Duration time) throws InterruptedException {
        var sending = devices.stream().map(device -> device.sendTo(platform)).toList();
        LockSupport.parkNanos(time.toNanos());
        devices.forEach(SequencedDevice::stop);
        for (var thread : sending) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }

    private int acknowledged() {
        return devices.stream().mapToInt(device -> device.acknowledged().cardinality()).sum();
    }

    private int sent() {
        return devices.stream().mapToInt(SequencedDevice::sent).sum();
    }

    private void verify(PackagedPlatform platform, String when) throws IOException {
        platform.awaitHealthy();
        for (var device : devices) verify(platform, device, when + ", " + device.device().name());
    }

    private static void verify(PackagedPlatform platform, SequencedDevice device, String when) throws IOException {
        var there = new BitSet();
        var path = "/api/v1/telemetry/" + device.device().id();
        var export = platform.asAdmin(path + "/export?format=ndjson&start_time=" + FIRST);
        assertThat(export.status()).as(export.body()).isEqualTo(200);
        for (var line : export.body().lines().toList()) {
            var row = PackagedPlatform.JSON.readTree(line);
            int number = row.path("seq").asInt(-1);
            assertThat(number).as("%s: invented %s", when, line).isBetween(0, device.sent() - 1);
            assertThat(there.get(number)).as("%s: twice %s", when, line).isFalse();
            assertThat(Instant.parse(row.path("timestamp").asText()).toEpochMilli()).as("%s: %s", when, line)
                    .isEqualTo(device.millisOf(number));
            assertThat(row.path("half").asDouble(-1)).as("%s: %s", when, line).isEqualTo(number / 2.0);
            there.set(number);
        }
        var lost = device.acknowledged();
        lost.andNot(there);
        assertThat(lost).as("%s: acknowledged and lost", when).isEqualTo(new BitSet());
        assertThat(count(platform, path)).as("%s: points in the store", when).isEqualTo(there.cardinality());
        var latest = platform.asAdmin(path + "/latest").json().path("latest_data").path("seq").asInt();
        assertThat(latest).as("%s: latest", when).isEqualTo(there.length() - 1);
    }

    /// Counted by the store itself, which would see one point stored twice.
    private static long count(PackagedPlatform platform, String path) {
        var answer = platform.asAdmin(path + "/aggregated?window=1h&field=seq&aggregation=count&start_time=" + FIRST
                + "&end_time=" + FIRST.plus(Duration.ofHours(12)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var sum = 0L;
        for (var window : answer.json().path("data")) sum += window.path("value").asLong();
        return sum;
    }

    private static List<Path> segments(Path journal) throws IOException {
        try (var files = Files.list(journal)) {
            return files.filter(file -> file.toString().endsWith(".segment")).sorted().toList();
        }
    }

    /// Where the written part of a file ends, with some distance: records end on multiples of eight, and may end in
    /// zeros.
    private static long behindData(Path segment) throws IOException {
        var bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) end--;
        return (end + 71L) & -8L;
    }

    /// What a torn write may leave behind the last record.
    private void spoilTail(Path journal) throws IOException {
        var last = segments(journal).getLast();
        long at = behindData(last);
        if (at + GARBAGE_BYTES > Files.size(last)) return;
        var garbage = new byte[GARBAGE_BYTES];
        random.nextBytes(garbage);
        try (var file = FileChannel.open(last, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(garbage), at);
        }
    }

    private static void cutTail(Path journal) throws IOException {
        var last = segments(journal).getLast();
        long at = behindData(last);
        if (at >= Files.size(last)) return;
        try (var file = FileChannel.open(last, StandardOpenOption.WRITE)) {
            file.truncate(at);
        }
    }

    private void flipBitInStoredRecord(Path journal) throws IOException {
        var oldest = segments(journal).getFirst();
        long at = SEGMENT_HEADER + random.nextInt(64);
        try (var file = FileChannel.open(oldest, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var octet = ByteBuffer.allocate(1);
            file.read(octet, at);
            octet.put(0, (byte) (octet.get(0) ^ 1 << random.nextInt(8)));
            file.write(octet.rewind(), at);
        }
    }
}
