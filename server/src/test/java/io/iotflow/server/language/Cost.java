package io.iotflow.server.language;

import java.lang.management.ManagementFactory;

/// What something took of the processor and of memory, on the thread that asks.
record Cost(long cpuMillis, long bytes) {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Cost of(Runnable work) {
        var bytes = THREADS.getCurrentThreadAllocatedBytes();
        var nanos = THREADS.getCurrentThreadCpuTime();
        work.run();
        return new Cost((THREADS.getCurrentThreadCpuTime() - nanos) / 1_000_000,
                THREADS.getCurrentThreadAllocatedBytes() - bytes);
    }
}
