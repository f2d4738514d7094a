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
        return new Lanes(journal, folder, count, listeners);
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
}
