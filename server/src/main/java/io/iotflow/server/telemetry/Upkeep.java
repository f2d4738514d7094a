package io.iotflow.server.telemetry;

import io.questdb.cairo.ColumnPurgeJob;
import io.questdb.cairo.O3PartitionPurgeJob;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.wal.ApplyWal2TableJob;
import io.questdb.cairo.wal.CheckWalTransactionsJob;
import io.questdb.cairo.wal.WalPurgeJob;
import io.questdb.griffin.SqlException;
import io.questdb.mp.Job;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The two threads beside the store. One applies what was committed, woken at once after each commit; the other
/// removes what nobody needs any more: applied log segments, old versions of columns and partitions, idle readers.
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    /// When nobody woke it: the applying thread looks whether a notification was lost.
    private static final Duration APPLY_IDLE = Duration.ofMillis(500);
    private static final Duration PURGE_PAUSE = Duration.ofSeconds(1);
    private static final Duration RESUME_PAUSE = Duration.ofSeconds(5);

    private final QuestDb database;
    private final List<TableToken> tables;
    private final Runnable everySecond;
    private final ApplyWal2TableJob apply;
    private final CheckWalTransactionsJob check;
    private final WalPurgeJob logPurge;
    private final ColumnPurgeJob columnPurge;
    private final O3PartitionPurgeJob partitionPurge;
    private final Object applied = new Object();
    private final Thread applier;
    private final Thread purger;
    private volatile boolean closing;
    private long lastResumeNanos = System.nanoTime() - RESUME_PAUSE.toNanos();

    /// @param everySecond run on the purging thread about once a second
    Upkeep(QuestDb database, List<TableToken> tables, Runnable everySecond) {
        this.database = database;
        this.tables = tables;
        this.everySecond = everySecond;
        this.apply = new ApplyWal2TableJob(database.engine, 1);
        this.check = new CheckWalTransactionsJob(database.engine);
        this.logPurge = new WalPurgeJob(database.engine);
        this.partitionPurge = new O3PartitionPurgeJob(database.engine, 1);
        try {
            this.columnPurge = new ColumnPurgeJob(database.engine);
        } catch (SqlException e) {
            throw new IllegalStateException("BUG: QuestDB cannot keep its purge table", e);
        }
        check.checkMissingWalTransactions();
        apply.drain(0);
        this.applier = Thread.ofPlatform().name("telemetry-apply").start(this::applyLoop);
        this.purger = Thread.ofPlatform().name("telemetry-purge").start(this::purgeLoop);
    }

    /// Says that something was committed. Cheap; called by the writing thread.
    void wake() {
        LockSupport.unpark(applier);
    }

    /// Waits until the condition holds, looking again after each piece applied.
    ///
    /// @return whether it holds
    boolean awaitApplied(BooleanSupplier condition, Duration atMost) throws InterruptedException {
        if (condition.getAsBoolean()) return true;
        wake();
        var deadline = System.nanoTime() + atMost.toNanos();
        synchronized (applied) {
            while (!condition.getAsBoolean()) {
                var millis = (deadline - System.nanoTime() + 999_999) / 1_000_000;
                if (millis <= 0 || closing) return false;
                applied.wait(Math.min(millis, 50));
            }
        }
        return true;
    }

    private Job.RunStatus status() {
        return () -> closing;
    }

    private void applyLoop() {
        var status = status();
        while (!closing) {
            try {
                while (!closing && apply.run(0, status)) announce();
                check.run(0, status);
                resumeSuspended();
                if (!apply.run(0, status)) LockSupport.parkNanos(this, APPLY_IDLE.toNanos());
                announce();
            } catch (RuntimeException | Error e) {
                LOG.error("event=telemetry_not_applied effect=\"trying again\"", e);
                LockSupport.parkNanos(this, APPLY_IDLE.toNanos());
            }
        }
    }

    private void announce() {
        synchronized (applied) {
            applied.notifyAll();
        }
    }

    private void resumeSuspended() {
        if (QuestDb.since(lastResumeNanos).compareTo(RESUME_PAUSE) < 0) return;
        lastResumeNanos = System.nanoTime();
        for (var table : tables) {
            if (!database.suspended(table)) continue;
            LOG.warn("event=telemetry_table_suspended effect=\"resuming it\" table={} behind={}", table.getTableName(),
                    database.progress(table).getSeqTxn() - database.progress(table).getWriterTxn());
            database.resume(table);
        }
    }

    private void purgeLoop() {
        while (!closing) {
            purge();
            LockSupport.parkNanos(this, PURGE_PAUSE.toNanos());
        }
    }

    /// Has what can be removed removed soon.
    void wakePurge() {
        LockSupport.unpark(purger);
    }

    private void purge() {
        try {
            var status = status();
            while (!closing && partitionPurge.run(0, status)) { /* until its queue is empty */ }
            columnPurge.run(0, status);
            logPurge.run(0, status);
            database.engine.releaseInactive();
            everySecond.run();
        } catch (RuntimeException | Error e) {
            LOG.error("event=telemetry_not_cleaned_up effect=\"trying again\"", e);
        }
    }

    @Override
    public void close() {
        closing = true;
        for (var thread : List.of(applier, purger)) {
            LockSupport.unpark(thread);
            try {
                thread.join(Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        announce();
        apply.close();
        logPurge.close();
        columnPurge.close();
        partitionPurge.close();
    }
}
