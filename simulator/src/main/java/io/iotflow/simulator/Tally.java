package io.iotflow.simulator;

import java.util.concurrent.atomic.AtomicLong;

/// One device's counters: written by its thread, read by any.
final class Tally {
    final AtomicLong sent = new AtomicLong();
    final AtomicLong acknowledged = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();
    final AtomicLong discarded = new AtomicLong();
    final AtomicLong reconnects = new AtomicLong();
    final AtomicLong commands = new AtomicLong();
    final Latencies latencies = new Latencies();
    volatile String problem = "";
}
