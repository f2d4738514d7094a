package io.iotflow.server.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.journal.JournalConfig.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final JournalConfig SMALL = new JournalConfig(Durability.OS, 2, 8, 2);

    @TempDir
    Path folder;

    @Test
    void whatWasCommittedComesBackInOrderAfterReopening() throws Exception {
        var written = new ArrayList<Long>();
        try (var journal = Journal.open(SMALL, folder)) {
            for (long n = 0; n < 1000; n++) written.add(appendDurably(journal, n, 40));
            assertThat(read(journal, 0)).hasSize(1000).isSorted();
        }
        try (var journal = Journal.open(SMALL, folder)) {
            assertThat(read(journal, 0)).hasSize(1000).isSorted();
            assertThat(read(journal, written.get(499))).startsWith(500L).hasSize(500);
            appendDurably(journal, 1000, 40);
            assertThat(read(journal, 0)).hasSize(1001).isSorted();
        }
    }

    @Test
    void restsBetweenCommitsAsLongAsTheBrakeSays() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            journal.brake(() -> Duration.ofMillis(30).toNanos());
            appendDurably(journal, 0, 40);
            var began = System.nanoTime();
            for (long n = 1; n <= 10; n++) appendDurably(journal, n, 40);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(250));
            journal.brake(() -> Long.MAX_VALUE);
            appendDurably(journal, 11, 40);
            began = System.nanoTime();
            appendDurably(journal, 12, 40);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
            assertThat(read(journal, 0)).hasSize(13).isSorted();
        }
    }

    @Test
    void manyThreadsEachKeepTheirOrder() throws Exception {
        var threads = 8;
        var each = 20_000;
        try (var journal = Journal.open(SMALL, folder); var pool = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                long thread = t;
                pool.submit(() -> {
                    for (long n = 0; n < each; n++) {
                        while (journal.append(record(thread << 32 | n, 24)) == Journal.FULL) Thread.onSpinWait();
                    }
                    return null;
                });
            }
            pool.shutdown();
            var last = new HashMap<Long, Long>();
            var reader = journal.reader(0);
            for (int count = 0; count < threads * each; ) {
                if (!reader.next()) {
                    journal.trim(reader.position());
                    reader.await(Duration.ofSeconds(10));
                    continue;
                }
                count++;
                var n = reader.payload().getLong(0);
                assertThat(n & 0xFFFFFFFFL).isEqualTo(last.getOrDefault(n >>> 32, -1L) + 1);
                last.put(n >>> 32, n & 0xFFFFFFFFL);
            }
            assertThat(journal.damagedBytes()).isZero();
        }
    }

    @Test
    void tailThatIsTornAnywhereIsCutAndTheRestStays() throws Exception {
        var random = new Random(7);
        for (int round = 0; round < 30; round++) {
            var home = folder.resolve("torn-" + round);
            long before;
            long end;
            try (var journal = Journal.open(SMALL, home)) {
                for (long n = 0; n < 50; n++) appendDurably(journal, n, 100);
                before = journal.committed();
                end = appendDurably(journal, 50, 100);
            }
            var cut = before + random.nextInt((int) (end - before));
            overwrite(home, cut, new byte[(int) (end - cut)]);
            try (var journal = Journal.open(SMALL, home)) {
                // Only padding may have been torn off without harming the record.
                assertThat(read(journal, 0)).startsWith(0L).hasSizeBetween(50, 51);
                appendDurably(journal, 99, 100);
                assertThat(read(journal, 0)).endsWith(99L).hasSizeBetween(51, 52);
            }
        }
    }

    @Test
    void flippedBitCostsTheRecordItIsInAndNoOther() throws Exception {
        var random = new Random(11);
        for (int round = 0; round < 40; round++) {
            var home = folder.resolve("flip-" + round);
            var ends = new ArrayList<Long>();
            try (var journal = Journal.open(SMALL, home)) {
                for (long n = 0; n < 60; n++) ends.add(appendDurably(journal, n, 56));
            }
            var victim = 1 + random.nextInt(58);
            var at = ends.get(victim - 1) + random.nextInt(Frame.HEADER + 56);
            flipBit(home, at, random.nextInt(8));
            try (var journal = Journal.open(SMALL, home)) {
                var expected = new ArrayList<Long>();
                for (long n = 0; n < 60; n++) if (n != victim) expected.add(n);
                assertThat(read(journal, 0)).isEqualTo(expected);
                assertThat(journal.damagedBytes()).isEqualTo(64);
            }
        }
    }

    @Test
    void recycledFilesNeverBringOldRecordsBack() throws Exception {
        long n = 0;
        for (int round = 0; round < 12; round++) {
            try (var journal = Journal.open(SMALL, folder)) {
                var found = read(journal, 0);
                assertThat(found).isSorted().doesNotHaveDuplicates();
                if (n > 0) assertThat(found).endsWith(n - 1);
                for (int i = 0; i < 700; i++) {
                    var position = appendDurably(journal, n++, 1000 + i);
                    if (i % 100 == 0) journal.trim(position);
                }
                assertThat(journal.damagedBytes()).isZero();
            }
        }
    }

    @Test
    void refusesWhenTheBudgetIsUsedAndGoesOnAfterATrim() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            long position = 0;
            long accepted = 0;
            for (var next = tryFor(journal, accepted); next != Journal.FULL; next = tryFor(journal, accepted)) {
                position = next;
                accepted++;
            }
            assertThat(accepted * 10_000L).isBetween(6L << 20, 8L << 20);
            assertThat(diskUse()).isLessThanOrEqualTo(10L << 20);
            assertThat(read(journal, 0)).hasSize((int) accepted);
            journal.trim(position);
            appendDurably(journal, accepted, 10_000);
        }
    }

    @Test
    void everyPayloadSizeFitsAcrossSegmentEnds() throws Exception {
        var sizes = List.of(8, 9, 15, 16, 17, 255, 4096, 65_537, 500_000, Frame.MAX_PAYLOAD);
        try (var journal = Journal.open(SMALL, folder)) {
            var reader = journal.reader(0);
            for (long n = 0; n < 300; n++) {
                var size = sizes.get((int) (n * 7 % sizes.size()));
                appendDurably(journal, n, size);
                assertThat(reader.next()).isTrue();
                assertThat(reader.payload().remaining()).isEqualTo(size);
                assertThat(reader.payload().getLong(0)).isEqualTo(n);
                journal.trim(reader.position());
            }
        }
    }

    @Test
    void closingCommitsWhatWasAppended() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            for (long n = 0; n < 5000; n++) assertThat(journal.append(record(n, 30))).isPositive();
        }
        try (var journal = Journal.open(SMALL, folder)) {
            assertThat(read(journal, 0)).hasSize(5000);
        }
    }

    private static long tryFor(Journal journal, long n) throws InterruptedException {
        // A refusal can be momentary (the buffer is full, a spare file is being written), so ask for a while.
        for (var until = System.nanoTime() + 300_000_000L; System.nanoTime() < until; Thread.onSpinWait()) {
            var position = journal.append(record(n, 10_000));
            if (position != Journal.FULL) {
                journal.awaitCommitted(position);
                return position;
            }
        }
        return Journal.FULL;
    }

    private static long appendDurably(Journal journal, long n, int size) throws InterruptedException {
        long position;
        do position = journal.append(record(n, size)); while (position == Journal.FULL);
        journal.awaitCommitted(position);
        return position;
    }

    private static ByteBuffer record(long n, int size) {
        var bytes = new byte[size];
        new Random(n).nextBytes(bytes);
        return ByteBuffer.wrap(bytes).putLong(0, n);
    }

    private static List<Long> read(Journal journal, long from) {
        var found = new ArrayList<Long>();
        for (var reader = journal.reader(from); reader.next(); ) found.add(reader.payload().getLong(0));
        return found;
    }

    private long diskUse() throws IOException {
        try (var files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static void overwrite(Path home, long position, byte[] bytes) throws IOException {
        try (var file = FileChannel.open(Segment.fileOf(home, 0), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(bytes), position);
        }
    }

    private static void flipBit(Path home, long position, int bit) throws IOException {
        try (var file = FileChannel.open(Segment.fileOf(home, 0), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            file.read(one, position);
            file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1 << bit)}), position);
        }
    }
}
