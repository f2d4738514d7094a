package io.iotflow.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Open connections, ready to load. Blocks its caller; the work is done on the loops' threads.
public final class Load implements AutoCloseable {
    /// How long after the end of a run answers are waited for.
    public static final Duration DRAIN = Duration.ofSeconds(30);

    private final List<Loop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private final int connections;
    private Duration connecting = Duration.ZERO;
    private double seconds;
    private boolean used;

    private Load(LoadPlan plan, List<Device> devices, int threadCount, InstantSource clock) throws IOException {
        connections = devices.size();
        for (int i = 0; i < Math.min(threadCount, devices.size()); i++) {
            var share = devices.subList((int) ((long) i * connections / threadCount),
                    (int) ((long) (i + 1) * connections / threadCount));
            var loop = new Loop(share, plan, clock);
            loops.add(loop);
            sizes.add(share.size());
            threads.add(Thread.ofPlatform().name("load-" + i).start(loop));
        }
    }

    /// Opens a connection for each device and returns when each is accepted or has failed.
    public static Load connect(LoadPlan plan, List<Device> devices, int threads, InstantSource clock)
            throws IOException, InterruptedException {
        if (devices.isEmpty()) throw new IllegalArgumentException("a load needs at least one device");
        long start = System.nanoTime();
        var load = new Load(plan, devices, threads, clock);
        try {
            for (var loop : load.loops) loop.awaitConnected();
        } catch (IOException | InterruptedException | RuntimeException e) {
            load.close();
            throw e;
        }
        load.connecting = Duration.ofNanos(System.nanoTime() - start);
        return load;
    }

    /// How long it took until the last connection was accepted.
    public Duration connecting() {
        return connecting;
    }

    /// Sends for `warmup` without measuring and then for `duration`, then waits for outstanding answers.
    /// Once only.
    public LoadResult run(Schedule schedule, Duration warmup, Duration duration)
            throws IOException, InterruptedException {
        if (used) throw new IllegalStateException("BUG: a load runs once");
        used = true;
        long start = System.nanoTime();
        long measure = start + warmup.toNanos();
        long stop = measure + duration.toNanos();
        seconds = duration.toNanos() / 1e9;
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Callable<Void>>();
            for (int i = 0; i < loops.size(); i++) {
                var loop = loops.get(i);
                var share = schedule.share(sizes.get(i), connections);
                tasks.add(() -> {
                    loop.drive(new Run(share, start, measure, stop, stop + DRAIN.toNanos()));
                    return null;
                });
            }
            for (var done : executor.invokeAll(tasks)) done.get();
        } catch (ExecutionException e) {
            throw new IOException("a load loop failed", e.getCause());
        }
        return result();
    }

    /// What has been done so far. Not while a run is on.
    public LoadResult result() {
        return loops.stream().map(loop -> loop.result(seconds)).reduce(LoadResult::plus).orElseThrow();
    }

    /// Answers so far; may be asked from any thread at any time.
    public long answers() {
        return loops.stream().mapToLong(Loop::answersSoFar).sum();
    }

    /// Messages sent to subscribers so far; may be asked from any thread at any time.
    public long deliveries() {
        return loops.stream().mapToLong(Loop::deliveriesSoFar).sum();
    }

    @Override
    public void close() {
        loops.forEach(Loop::close);
        for (var thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
