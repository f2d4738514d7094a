package io.iotflow.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/// One device's connection: what it has sent, what waits for an answer, what was answered. Belongs to its loop's
/// thread. Nothing is ever sent twice; a broken connection stays broken.
final class Connection implements Wire.Answers {
    private static final long FREE = Long.MIN_VALUE;

    final Device device;
    final int index;
    final Wire wire;
    final SelectionKey key;
    final SocketChannel channel;
    private final Loop loop;

    /// When each waiting message was to be sent, by slot, on the loop's clock.
    private final long[] waiting;
    private int next;
    private ByteBuffer unwritten;
    private boolean ready;
    private String failure;

    int inFlight;
    long sent;
    long acknowledged;
    long refused;
    long unexpected;
    long delivered;
    long firstMicros;
    long lastMicros;

    Connection(Device device, int index, Wire wire, SelectionKey key, int slots, Loop loop) {
        this.device = device;
        this.index = index;
        this.wire = wire;
        this.key = key;
        channel = (SocketChannel) key.channel();
        this.loop = loop;
        waiting = new long[slots];
        Arrays.fill(waiting, FREE);
    }

    boolean mayWrite() {
        return ready && failure == null && unwritten == null;
    }

    /// Whether something is still to be written or answered.
    boolean isWaiting() {
        return inFlight > 0 || unwritten != null;
    }

    boolean isBroken() {
        return failure != null;
    }

    boolean hasFreeSlot() {
        return waiting[next] == FREE;
    }

    /// Appends the next message.
    ///
    /// @param since    when it was to be sent, on the loop's clock
    /// @param nowMicros the wall clock; each message of a connection gets a time of its own
    void encode(ByteBuffer out, long since, long nowMicros) {
        long micros = Math.max(nowMicros, lastMicros + 1);
        if (sent == 0) firstMicros = micros;
        lastMicros = micros;
        wire.encode(out, next, micros);
        sent++;
        if (!wire.answered()) return;
        waiting[next] = since;
        next = next + 1 & waiting.length - 1;
        inFlight++;
    }

    /// Writes what it can; the rest waits until the socket takes more.
    void write(ByteBuffer bytes) throws IOException {
        channel.write(bytes);
        if (!bytes.hasRemaining()) return;
        unwritten = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }

    void writeRest() throws IOException {
        if (unwritten != null) {
            channel.write(unwritten);
            if (unwritten.hasRemaining()) return;
            unwritten = null;
        }
        key.interestOps(SelectionKey.OP_READ);
    }

    @Override
    public void ready() {
        if (ready) return;
        ready = true;
        loop.becameReady();
    }

    @Override
    public void acknowledged(int slot) {
        long since = settle(slot);
        if (since == FREE) return;
        acknowledged++;
        loop.acknowledged(since);
    }

    @Override
    public void refused(int slot, int code) {
        if (settle(slot) == FREE) return;
        refused++;
        loop.refused(code);
    }

    private long settle(int slot) {
        if (slot < 0 || slot >= waiting.length || waiting[slot] == FREE) {
            unexpected++;
            return FREE;
        }
        long since = waiting[slot];
        waiting[slot] = FREE;
        inFlight--;
        return since;
    }

    @Override
    public void delivered() {
        delivered++;
        loop.delivered();
    }

    @Override
    public void broken(String why) {
        if (failure != null) return;
        failure = why;
        loop.broke(ready, why);
    }
}
