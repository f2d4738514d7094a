package io.iotflow.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.StoreFollower.Pace;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.journal.JournalConfig;
import io.iotflow.server.journal.JournalConfig.Durability;
import io.iotflow.server.telemetry.RawQuery;
import io.iotflow.server.telemetry.StuckSequence;
import io.iotflow.server.telemetry.TelemetryConfig;
import io.iotflow.server.telemetry.TelemetryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real log, a real store, and what brings the one to the other.
class StoreFollowerTest {
    private static final JournalConfig SMALL = new JournalConfig(Durability.OS, 2, 12, 2);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final long START = 1_767_225_600_000_000L;

    @TempDir
    Path folder;
    private TelemetryStore store;
    private Journal journal;
    private StoreFollower follower;

    @BeforeEach
    void open() {
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder.resolve("store"), InstantSource.system());
        journal = Journal.open(SMALL, folder);
        follower = follower(Pace.NORMAL);
    }

    @AfterEach
    void close() {
        follower.close();
        journal.close();
        store.close();
    }

    private StoreFollower follower(Pace pace) {
        return new StoreFollower(journal, store, folder, () -> Long.MAX_VALUE, InstantSource.system(), pace);
    }

    @Test
    void everythingAppendedIsStoredOnce() throws Exception {
        for (long n = 0; n < 50_000; n++) append(n);
        assertThat(follower.catchUp(LONG)).isEmpty();
        assertThat(stored()).containsExactlyElementsOf(numbers(50_000));
        assertThat(store.pointsWritten()).isEqualTo(50_000);
        assertThat(follower.lag()).isZero();
        assertThat(follower.lagBytes()).isZero();
        assertThat(follower.position()).isEqualTo(journal.committed());
    }

    @Test
    void aQuestionSeesWhatWasAcknowledgedBeforeIt() throws Exception {
        for (long n = 0; n < 30; n++) {
            journal.awaitCommitted(append(n));
            assertThat(follower.catchUp(LONG)).isEmpty();
            assertThat(stored()).hasSize((int) n + 1);
        }
    }

    @Test
    void whoDidNotWaitLongEnoughIsToldHowStaleTheAnswerIs() throws Exception {
        for (long n = 50_000; n > 0; n--) append(n);
        for (var stale = follower.catchUp(Duration.ofMillis(1)); stale.isPresent();
                stale = follower.catchUp(Duration.ofMillis(1))) {
            assertThat(stale.get()).isPositive();
        }
        assertThat(stored()).hasSize(50_000);
    }

    @Test
    void aSingleMessageIsStoredWithoutBeingAskedFor() throws Exception {
        journal.awaitCommitted(append(0));
        until(() -> follower.lagBytes() == 0);
        assertThat(store.pointsWritten()).isEqualTo(1);
    }

    @Test
    void aRestartChangesNothingWhateverBecameOfThePosition() throws Exception {
        var position = folder.resolve("store.position");
        append(0);
        assertThat(follower.catchUp(LONG)).isEmpty();
        var older = Files.readAllBytes(position);
        for (long n = 1; n < 2_000; n++) append(n);
        assertThat(follower.catchUp(LONG)).isEmpty();
        restart(() -> { });
        assertThat(store.pointsWritten()).isEqualTo(2_000);
        restart(() -> Files.write(position, older));
        restart(() -> Files.delete(position));
        restart(() -> Files.write(position, new byte[] {1, 2, 3}));
        restart(() -> {
            try (var file = FileChannel.open(position, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {9, 9, 9, 9, 9}), 2);
                file.write(ByteBuffer.wrap(new byte[] {9, 9, 9, 9, 9}), 18);
            }
        });
        assertThat(stored()).containsExactlyElementsOf(numbers(2_000));
    }

    @Test
    void aPositionBehindTheEndOfTheLogPassesNothingOver() throws Exception {
        append(0);
        assertThat(follower.catchUp(LONG)).isEmpty();
        restart(() -> {
            try (var ahead = FollowerPosition.open(folder.resolve("store.position"), Long.MAX_VALUE)) {
                ahead.moveTo(journal.committed() + 100_000);
                ahead.moveTo(journal.committed() + 200_000);
            }
        });
        for (long n = 1; n < 100; n++) append(n);
        assertThat(follower.catchUp(LONG)).isEmpty();
        assertThat(stored()).containsExactlyElementsOf(numbers(100));
        restart(() -> { });
        assertThat(follower.position()).isEqualTo(journal.committed());
    }

    @Test
    void aMeasurementThatTheStoreRefusesForEverIsSkipped() throws Exception {
        append(0);
        appendAt(-1, 666);
        appendAt(TelemetryStore.LATEST_MICROS, 666);
        journal.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        journal.append(ByteBuffer.wrap(new byte[100]));
        append(1);
        assertThat(follower.catchUp(LONG)).isEmpty();
        assertThat(stored()).containsExactly(0L, 1L);
        assertThat(follower.isHealthy()).isTrue();
    }

    @Test
    void aStoreThatFailsIsTriedAgainAndMissesNothing() throws Exception {
        append(0);
        assertThat(follower.catchUp(LONG)).isEmpty();
        store.close();
        append(1);
        until(() -> !follower.isHealthy());
        assertThat(follower.catchUp(Duration.ofMillis(50))).isPresent();
        follower.close();
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder.resolve("store"), InstantSource.system());
        follower = follower(Pace.NORMAL);
        assertThat(follower.catchUp(LONG)).isEmpty();
        assertThat(stored()).containsExactly(0L, 1L);
    }

    @Test
    void anErasureThatFailsTakesNothingAlong() throws Exception {
        follower.close();
        store.close();
        StuckSequence.prepare(folder.resolve("stuck"));
        store = TelemetryStore.open(TelemetryConfig.USUAL, folder.resolve("stuck"), InstantSource.system());
        follower = follower(Pace.SLOW); // a second between appending and committing
        append(0);
        assertThat(follower.catchUp(LONG)).isEmpty();
        var stuck = StuckSequence.block(folder.resolve("stuck"));
        append(1);
        until(() -> !erases());
        stuck.release();
        append(2);
        assertThat(follower.catchUp(LONG)).isEmpty();
        assertThat(stored()).containsExactly(0L, 1L, 2L);
    }

    /// An erasure that finds nothing to erase and nothing to commit for the follower succeeds.
    private boolean erases() {
        try {
            store.erase(new DeviceId(8), Set.of("none"), 0, TelemetryStore.LATEST_MICROS);
            return true;
        } catch (RuntimeException _) {
            return false;
        }
    }

    @Test
    void givesUpInTimeAndSaysHowOldTheAnswerIs() throws Exception {
        append(0);
        assertThat(follower.catchUp(LONG)).isEmpty();
        follower.close();
        follower = follower(Pace.SLOW);
        journal.awaitCommitted(append(1));
        var began = System.nanoTime();
        var stale = follower.catchUp(Duration.ofMillis(200));
        assertThat(since(began)).isBetween(Duration.ofMillis(190), Duration.ofMillis(900));
        assertThat(stale).hasValueSatisfying(
                it -> assertThat(it).isBetween(Duration.ofMillis(100), Duration.ofSeconds(1)));
        assertThat(follower.catchUp(LONG)).isEmpty();
    }

    @Test
    void whoSendsFasterThanTheStoreFollowsIsAcknowledgedMoreSlowly() throws Exception {
        follower.close();
        follower = follower(Pace.SLOW);
        var sent = 0L;
        for (var pause = Duration.ZERO; pause.compareTo(Duration.ofMillis(40)) < 0; ) {
            var began = System.nanoTime();
            journal.awaitCommitted(append(sent++));
            pause = since(began);
        }
        assertThat(follower.lag()).isGreaterThan(Duration.ofSeconds(1));
        assertThat(follower.catchUp(LONG)).isEmpty();
        assertThat(stored()).hasSize((int) sent);
    }

    @Test
    void closingStoresTheRestAndDoesNotTakeTheIdleSecond() throws Exception {
        for (int round = 0; round < 20; round++) {
            append(round);
            var began = System.nanoTime();
            follower.close();
            assertThat(since(began)).isLessThan(Duration.ofMillis(900));
            follower = follower(Pace.NORMAL);
        }
        store.awaitApplied(LONG);
        assertThat(stored()).containsExactlyElementsOf(numbers(20));
    }

    @Test
    void theLogIsTrimmedBehindIt() throws Exception {
        var noise = "x".repeat(100_000);
        for (int n = 0; n < 200; n++) {
            var record = EventCodec.error(DEVICE, START + n, noise);
            while (journal.append(record.duplicate()) == Journal.FULL) journal.awaitChange(5);
        }
        assertThat(follower.catchUp(LONG)).isEmpty();
        until(() -> journal.retainedBytes() < 3 << 20);
    }

    private interface Damage {
        void done() throws IOException;
    }

    private void restart(Damage damage) throws Exception {
        follower.close();
        damage.done();
        follower = follower(Pace.NORMAL);
        assertThat(follower.catchUp(LONG)).isEmpty();
    }

    private long append(long n) throws InterruptedException {
        return appendAt(START + n, n);
    }

    private long appendAt(long time, long n) throws InterruptedException {
        var event = EventCodec.telemetry(DEVICE, now(), List.of(new Measurement("n", time, new Whole(n))));
        long position;
        while ((position = journal.append(event.duplicate())) == Journal.FULL) journal.awaitChange(5);
        journal.awaitCommitted(position);
        return position;
    }

    private static long now() {
        return System.currentTimeMillis() * 1_000;
    }

    private List<Long> stored() {
        return store.raw(new RawQuery(DEVICE, Set.of(), 0, TelemetryStore.LATEST_MICROS, RawQuery.Order.ASCENDING,
                100_000)).rows().stream().map(row -> ((Whole) row.values().get("n")).number()).toList();
    }

    private static List<Long> numbers(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static void until(java.util.function.BooleanSupplier condition) {
        var deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
