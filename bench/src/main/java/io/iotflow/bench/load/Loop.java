package io.iotflow.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// Moves the bytes of many connections on one thread of its own.
final class Loop implements Runnable {
    /// Handshakes under way at once: below the usual accept queue of 128.
    private static final int CONNECTING = 100;
    private static final long CONNECT_SECONDS = 180;
    private static final int READ_BYTES = 256 << 10;
    private static final int WRITE_BYTES = 64 << 10;
    private static final long IDLE_MILLIS = 50;
    /// Sleeping shorter than this costs more than it gains in precision; longer would show in the latencies.
    private static final long NAP_NANOS = 50_000;
    /// Messages written at a rate before answers are looked at again.
    private static final int BURST = 64;
    private static final int BOTH = SelectionKey.OP_READ | SelectionKey.OP_WRITE;
    private static final long LONGEST_LATENCY = 120 * Schedule.NANOS;

    private final List<Device> devices;
    private final LoadPlan plan;
    private final InstantSource clock;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(WRITE_BYTES);
    private final CountDownLatch connected = new CountDownLatch(1);
    private final List<Connection> connections = new ArrayList<>();
    private final Map<Integer, Long> refusals = new TreeMap<>();
    private final Map<String, Long> failures = new TreeMap<>();
    private volatile boolean closed;
    private volatile Run run;
    private volatile CountDownLatch finished;
    private volatile IOException failure;

    private Run current;
    private long turn;
    private long now;
    private int settled;
    private int broken;
    private long measured;
    private long answers;
    private long deliveries;
    private volatile long publishedAnswers;
    private volatile long publishedDeliveries;
    private Histogram latency = new Histogram(1_000, LONGEST_LATENCY, 3);
    private Histogram lateness = new Histogram(1_000, LONGEST_LATENCY, 3);

    Loop(List<Device> devices, LoadPlan plan, InstantSource clock) throws IOException {
        this.devices = devices;
        this.plan = plan;
        this.clock = clock;
        selector = Selector.open();
    }

    /// Returns when every connection is accepted or has failed.
    void awaitConnected() throws InterruptedException, IOException {
        boolean all = connected.await(CONNECT_SECONDS, TimeUnit.SECONDS);
        if (failure != null) throw failure;
        if (!all) throw new IOException("not every connection was answered within " + CONNECT_SECONDS + " s");
    }

    /// Returns when the run is over and its last answer has come or was given up.
    void drive(Run next) throws InterruptedException, IOException {
        finished = new CountDownLatch(1);
        run = next;
        selector.wakeup();
        finished.await();
        if (failure != null) throw failure;
    }

    long answersSoFar() {
        return publishedAnswers;
    }

    long deliveriesSoFar() {
        return publishedDeliveries;
    }

    void close() {
        closed = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try (selector) {
            while (!closed) {
                openMore();
                drive();
                publishedAnswers = answers;
                publishedDeliveries = deliveries;
            }
            for (var connection : connections) farewell(connection);
        } catch (IOException e) {
            failure = e;
        } finally {
            connected.countDown();
            if (finished != null) finished.countDown();
        }
    }

    private void openMore() throws IOException {
        while (connections.size() < devices.size() && connections.size() - settled < CONNECTING) {
            int index = connections.size();
            var channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var key = channel.register(selector, SelectionKey.OP_CONNECT);
            var connection = new Connection(devices.get(index), index, plan.wire(devices.get(index)), key,
                    plan.slots(), this);
            key.attach(connection);
            connections.add(connection);
            try {
                var source = plan.source(index);
                if (source.isPresent()) channel.bind(new InetSocketAddress(source.get(), 0));
                if (channel.connect(plan.address())) greet(connection);
            } catch (IOException e) {
                lose(connection, e);
            }
        }
        if (settled == devices.size()) connected.countDown();
    }

    private void greet(Connection connection) throws IOException {
        connection.key.interestOps(SelectionKey.OP_READ);
        connection.write(ByteBuffer.wrap(connection.wire.greeting()));
        if (connection.wire.readyAtOnce()) connection.ready();
    }

    /// One turn: send what is due, then wait for the network as long as nothing else is due.
    private void drive() throws IOException {
        now = System.nanoTime();
        if (run != current) begin(run);
        if (current == null) {
            selector.select(this::handle, IDLE_MILLIS);
            return;
        }
        if (now >= current.stop() && (isDone() || now >= current.giveUp())) {
            current = run = null;
            publishedAnswers = answers;
            finished.countDown();
            return;
        }
        if (!(current.schedule() instanceof Schedule.Rate rate)) {
            selector.select(this::handle, IDLE_MILLIS);
            return;
        }
        sendDue(rate);
        long pause = current.start() + rate.timeOfTurn(turn) - System.nanoTime();
        if (pause > 2_000_000 || now >= current.stop()) {
            selector.select(this::handle, 1);
            return;
        }
        if (pause > NAP_NANOS / 2) LockSupport.parkNanos(Math.min(pause, NAP_NANOS));
        selector.selectNow(this::handle);
    }

    private void begin(Run next) throws IOException {
        current = next;
        turn = 0;
        measured = 0;
        latency = new Histogram(1_000, LONGEST_LATENCY, 3);
        lateness = new Histogram(1_000, LONGEST_LATENCY, 3);
        if (next.schedule() instanceof Schedule.Window) for (var connection : connections) pump(connection);
    }

    private void sendDue(Schedule.Rate rate) throws IOException {
        long turns = Math.min(rate.turnsTaken(current.elapsed(now)), turn + BURST);
        for (; turn < turns; turn++) {
            now = System.nanoTime();
            pump(connections.get((int) (turn % connections.size())));
        }
    }

    /// Whether nothing is left to be sent or to be answered.
    private boolean isDone() {
        for (var connection : connections) {
            if (!connection.isBroken() && (connection.isWaiting() || isOverdue(connection))) return false;
        }
        return true;
    }

    private boolean isOverdue(Connection connection) {
        return current.schedule() instanceof Schedule.Rate
                && connection.sent < current.due(connection.index, now);
    }

    private void handle(SelectionKey key) {
        var connection = (Connection) key.attachment();
        try {
            if (key.isConnectable() && connection.channel.finishConnect()) greet(connection);
            if (key.isWritable()) connection.writeRest();
            if (key.isReadable()) read(connection);
            else now = System.nanoTime();
            pump(connection);
        } catch (IOException e) {
            lose(connection, e);
        }
    }

    private void read(Connection connection) throws IOException {
        in.clear();
        int count = connection.channel.read(in);
        now = System.nanoTime();
        if (count < 0) throw new IOException("closed by the other side");
        connection.wire.read(in.flip(), connection);
        if (connection.isBroken()) connection.channel.close();
    }

    private void lose(Connection connection, IOException why) {
        connection.broken(String.valueOf(why.getMessage()));
        try {
            connection.channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends all that a connection may send now.
    private void pump(Connection connection) throws IOException {
        if (current == null || !current.open(now)) return;
        var schedule = current.schedule();
        long due = current.due(connection.index, now);
        while (connection.mayWrite() && connection.sent < due && connection.hasFreeSlot()) {
            out.clear();
            long before = connection.sent;
            long micros = wallMicros();
            while (connection.sent < due && connection.inFlight < schedule.inFlight() && connection.hasFreeSlot()
                    && out.remaining() >= connection.wire.frameBytes()) {
                connection.encode(out, since(schedule, connection), micros);
            }
            if (out.position() == 0) return;
            connection.write(out.flip());
            if (connection.wire.answered()) continue;
            if (now >= current.measure() && now < current.stop()) measured += connection.sent - before;
            if (schedule instanceof Schedule.Window) connection.key.interestOps(BOTH);
            return;
        }
    }

    private long since(Schedule schedule, Connection connection) {
        return switch (schedule) {
            case Schedule.Window _ -> now;
            case Schedule.Rate rate -> {
                long intended = current.start() + rate.intended(connection.index, connection.sent);
                if (intended >= current.measure()) record(lateness, now - intended);
                yield intended;
            }
        };
    }

    private long wallMicros() {
        var instant = clock.instant();
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
    }

    private static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.clamp(nanos, 0, LONGEST_LATENCY));
    }

    private void farewell(Connection connection) {
        try (var channel = connection.channel) {
            if (connection.mayWrite()) channel.write(ByteBuffer.wrap(connection.wire.farewell()));
        } catch (IOException e) {
            // The other side has closed first: the same end.
            connection.broken("closed by the other side");
        }
    }

    void becameReady() {
        settled++;
    }

    void broke(boolean wasReady, String why) {
        broken++;
        failures.merge(why, 1L, Long::sum);
        if (!wasReady) settled++;
    }

    void acknowledged(long since) {
        answers++;
        if (current == null || now < current.measure()) return;
        if (since >= current.measure()) record(latency, now - since);
        if (now < current.stop()) measured++;
    }

    void refused(int code) {
        refusals.merge(code, 1L, Long::sum);
    }

    void delivered() {
        deliveries++;
    }

    /// What this loop has done. Only between runs.
    LoadResult result(double seconds) {
        var devicesDone = connections.stream()
                .map(c -> new LoadResult.PerDevice(c.device, c.sent, c.acknowledged, c.firstMicros, c.lastMicros))
                .toList();
        long unexpected = connections.stream().mapToLong(c -> c.unexpected).sum();
        return new LoadResult(devicesDone, measured, seconds, unexpected, deliveries, broken,
                new TreeMap<>(refusals), new TreeMap<>(failures), latency.copy(), lateness.copy());
    }
}
