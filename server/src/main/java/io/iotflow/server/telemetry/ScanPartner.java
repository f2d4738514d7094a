package io.iotflow.server.telemetry;

import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.sql.async.PageFrameReduceJob;
import io.questdb.cairo.sql.async.UnorderedPageFrameReduceJob;
import io.questdb.griffin.engine.groupby.GroupByMergeShardJob;
import io.questdb.griffin.engine.groupby.vect.GroupByVectorAggregateJob;
import io.questdb.mp.Job;
import io.questdb.std.Misc;
import io.questdb.std.Rnd;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A second thread for questions that read whole partitions. Sleeps while there are none.
final class ScanPartner implements AutoCloseable {
    /// Partners that QuestDB plans for; the asking thread does what no partner takes.
    static final int COUNT = 1;
    private static final long PAUSE_NANOS = Duration.ofNanos(20_000).toNanos();

    private final PageFrameReduceJob reduce;
    private final UnorderedPageFrameReduceJob unordered;
    private final List<Job> jobs;
    private final AtomicInteger scans = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closing;

    ScanPartner(CairoEngine engine) {
        var bus = engine.getMessageBus();
        reduce = new PageFrameReduceJob(engine, bus, new Rnd(System.nanoTime(), System.currentTimeMillis()));
        unordered = new UnorderedPageFrameReduceJob(engine, bus);
        jobs = List.of(reduce, unordered, new GroupByMergeShardJob(bus), new GroupByVectorAggregateJob(bus));
        thread = Thread.ofPlatform().name("telemetry-scan").start(this::loop);
    }

    /// Helps until what is returned is closed.
    Scan begin() {
        if (scans.getAndIncrement() == 0) LockSupport.unpark(thread);
        return scans::decrementAndGet;
    }

    /// A question that is being helped.
    interface Scan extends AutoCloseable {
        @Override
        void close();
    }

    private void loop() {
        Job.RunStatus status = () -> closing;
        while (!closing) {
            if (scans.get() == 0) {
                LockSupport.park(this);
                continue;
            }
            var worked = false;
            for (var job : jobs) worked |= job.run(0, status);
            if (!worked) LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Misc.free(reduce);
        Misc.free(unordered);
    }
}
