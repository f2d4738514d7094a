package io.iotflow.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.journal.JournalConfig;
import io.iotflow.server.journal.JournalConfig.Durability;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanesTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;
    private final Map<DeviceId, List<Long>> seen = new ConcurrentHashMap<>();
    private final Map<DeviceId, Set<Thread>> threads = new ConcurrentHashMap<>();
    private Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(new JournalConfig(Durability.OS, 2, 12, 2), folder);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private Lanes lanes(int count, Lanes.DeviceListener... first) {
        var listeners = new ArrayList<>(List.of(first));
        listeners.add(event -> {
            threads.computeIfAbsent(event.device(), _ -> new HashSet<>()).add(Thread.currentThread());
            seen.computeIfAbsent(event.device(), _ -> new ArrayList<>()).add(event.receivedMicros());
        });
        return new Lanes(journal, folder, count).start(listeners);
    }

    private void append(long device, long n) throws InterruptedException {
        var event = EventCodec.heartbeat(new DeviceId(device), n);
        while (journal.append(event.duplicate()) == Journal.FULL) journal.awaitChange(5);
    }

    private void settle() throws InterruptedException {
        journal.awaitCommitted(journal.appended());
    }

    @Test
    void eachDeviceIsHeardInOrderOnOneThread() throws Exception {
        try (var lanes = lanes(3)) {
            for (long n = 0; n < 20_000; n++) append(n % 10 + 1, n);
            settle();
            assertThat(lanes.catchUp(LONG)).isTrue();
            assertThat(lanes.lagBytes()).isZero();
        }
        assertThat(seen).hasSize(10);
        seen.forEach((device, order) -> assertThat(order).hasSize(2_000).isSorted().doesNotHaveDuplicates());
        assertThat(threads.values()).allSatisfy(one -> assertThat(one).hasSize(1));
        assertThat(threads.values().stream().distinct()).hasSize(3);
    }

    @Test
    void aListenerThatThrowsStopsNeitherTheLaneNorTheOthers() throws Exception {
        try (var lanes = lanes(1, _ -> {
            throw new IllegalStateException("broken");
        }, _ -> {
            throw new StackOverflowError();
        })) {
            for (long n = 0; n < 3; n++) append(1, n);
            settle();
            assertThat(lanes.catchUp(LONG)).isTrue();
        }
        assertThat(seen.get(new DeviceId(1))).containsExactly(0L, 1L, 2L);
    }

    @Test
    void aRecordThatCannotBeReadIsPassedOver() throws Exception {
        try (var lanes = lanes(2)) {
            journal.append(ByteBuffer.wrap(new byte[] {1}));
            journal.append(ByteBuffer.wrap(new byte[] {99, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0}));
            append(1, 5);
            settle();
            assertThat(lanes.catchUp(LONG)).isTrue();
        }
        assertThat(seen.get(new DeviceId(1))).containsExactly(5L);
    }

    @Test
    void goesOnWhereItStoppedAndClosesAtOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            var lanes = lanes(2);
            append(1, round);
            settle();
            var began = System.nanoTime();
            lanes.close();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(900));
        }
        assertThat(seen.get(new DeviceId(1))).hasSize(20).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void catchesUpWithALogThatHasBegunANewSegment() throws Exception {
        try (var lanes = lanes(2)) {
            append(1, 1);
            settle();
            assertThat(journal.forget(lanes::position, LONG)).isTrue();
            assertThat(lanes.catchUp(LONG)).isTrue();
        }
    }

    /// Keeps nothing until told to.
    private static final class Keeper implements Lanes.Durable, Lanes.DeviceListener {
        private final AtomicLong submitted = new AtomicLong();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile long written;
        private volatile long room = Long.MAX_VALUE;

        @Override
        public void on(DeviceEvent event) {
            if (submitted.incrementAndGet() <= room) return;
            try {
                ended.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("no room");
        }

        @Override
        public long submitted() {
            return submitted.get();
        }

        @Override
        public long written() {
            return written;
        }

        @Override
        public void giveUp() {
            ended.countDown();
        }
    }

    private Lanes lanes(Keeper keeper) {
        return new Lanes(journal, folder, 2, List.of(keeper)).start(List.of(event ->
                seen.computeIfAbsent(event.device(), _ -> new ArrayList<>()).add(event.receivedMicros()), keeper));
    }

    @Test
    void whatIsNotKeptYetComesAgain() throws Exception {
        var keeper = new Keeper();
        try (var lanes = lanes(keeper)) {
            for (long n = 0; n < 10; n++) append(n % 2 + 1, n);
            settle();
            assertThat(lanes.catchUp(Duration.ofMillis(50))).isFalse();
            assertThat(lanes.position()).isEqualTo(journal.committed());
            assertThat(lanes.kept()).isZero();
            keeper.written = 10;
            assertThat(lanes.catchUp(LONG)).isTrue();
            assertThat(lanes.kept()).isEqualTo(journal.committed());
            for (long n = 10; n < 15; n++) append(1, n);
            settle();
        }
        seen.clear();
        var again = new Keeper();
        again.written = Long.MAX_VALUE;
        try (var lanes = lanes(again)) {
            assertThat(lanes.catchUp(LONG)).isTrue();
        }
        assertThat(seen.get(new DeviceId(1))).containsExactly(10L, 11L, 12L, 13L, 14L);
        assertThat(seen).hasSize(1);
    }

    @Test
    void questionsDoNotWaitForWhatIsAnsweredFromMemoryButTheLogDoes() throws Exception {
        var asked = new Keeper();
        var behind = new Keeper();
        try (var lanes = new Lanes(journal, folder, 2, List.of(asked), List.of(behind)).start(List.of(asked, behind))) {
            append(1, 1);
            settle();
            assertThat(lanes.awaitAll(LONG)).isTrue();
            assertThat(lanes.catchUp(Duration.ofMillis(50))).isFalse();
            asked.written = 1;
            assertThat(lanes.catchUp(LONG)).isTrue();
            assertThat(lanes.kept()).isZero();
            behind.written = 1;
            assertThat(lanes.kept()).isEqualTo(journal.committed());
        }
    }

    @Test
    void thePositionOfAnEventIsItsOwnAndTheSameWhenItComesAgain() throws Exception {
        var positions = new ArrayList<Long>();
        Lanes.DeviceListener listener = new Lanes.DeviceListener() {
            @Override
            public void on(DeviceEvent event) {
                throw new IllegalStateException("without its position");
            }

            @Override
            public void on(DeviceEvent event, long position) {
                positions.add(position);
            }
        };
        for (var round = 1; round <= 2; round++) {
            var keeper = new Keeper(); // keeps nothing, so that all comes again
            try (var lanes = new Lanes(journal, folder, 1, List.of(keeper)).start(List.of(keeper, listener))) {
                if (round == 1) for (long n = 0; n < 5; n++) append(1, n);
                settle();
                assertThat(lanes.awaitAll(LONG)).isTrue();
            }
        }
        assertThat(positions).hasSize(10);
        assertThat(positions.subList(0, 5)).doesNotHaveDuplicates().isSorted().isEqualTo(positions.subList(5, 10));
    }

    @Test
    void thePlaceMovesOnWhileMoreAndMoreIsHandedOver() throws Exception {
        var keeper = new Keeper();
        try (var lanes = lanes(keeper)) {
            var kept = 0L;
            for (long n = 1; n <= 100; n++) {
                append(1, n);
                settle();
                var target = journal.committed();
                while (lanes.position() < target) Thread.onSpinWait();
                keeper.written = n - 1; // never all of it
                assertThat(lanes.kept()).isGreaterThanOrEqualTo(kept).isLessThan(target);
                if (n > 3) assertThat(lanes.kept()).isPositive();
                kept = lanes.kept();
            }
            keeper.written = 100;
        }
    }

    @Test
    void closingDoesNotWaitForEverForWhatCanKeepNothing() throws Exception {
        var keeper = new Keeper();
        keeper.room = 3;
        var lanes = lanes(keeper);
        for (long n = 0; n < 5; n++) append(1, n);
        settle();
        while (keeper.submitted() < 4) Thread.onSpinWait();
        lanes.close();
        seen.clear();
        var again = new Keeper();
        again.written = Long.MAX_VALUE;
        try (var next = lanes(again)) {
            assertThat(next.catchUp(LONG)).isTrue();
        }
        assertThat(seen.get(new DeviceId(1))).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void thePlaceMovesOnWhenAllWhoKeepSomethingHaveIt() throws Exception {
        var one = new Keeper();
        var other = new Keeper();
        try (var lanes = new Lanes(journal, folder, 2, List.of(one, other)).start(List.of(one, other))) {
            for (long n = 0; n < 4; n++) append(1, n);
            settle();
            one.written = 4;
            assertThat(lanes.catchUp(Duration.ofMillis(50))).isFalse();
            one.written = 8; // more than it was given makes up for nobody
            assertThat(lanes.kept()).isZero();
            other.written = 4;
            assertThat(lanes.catchUp(LONG)).isTrue();
        }
    }
}
