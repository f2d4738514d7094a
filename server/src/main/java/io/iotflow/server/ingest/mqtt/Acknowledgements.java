package io.iotflow.server.ingest.mqtt;

import io.netty.channel.EventLoop;
import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// What the connections of one event loop owe their clients, in the order of arrival. When the log has committed, all
/// that is due is written: one task for the loop, one flush for a connection.
///
/// Bounded by the log's buffer: an entry stands for a record that waits for its commit, or answers a packet that a
/// client has sent within its own window. Used on the loop's thread only, except [#committed].
final class Acknowledgements {
    private static final int FIRST_SIZE = 1 << 10;
    /// How soon a gate that found the log full tries again when no commit calls it earlier.
    private static final long RETRY_MILLIS = 5;

    private final EventLoop loop;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ArrayList<Answers> touched = new ArrayList<>();
    private final ArrayDeque<MqttGate> waiting = new ArrayDeque<>();
    private volatile long committed;
    private volatile boolean idle = true;

    private long[] positions = new long[FIRST_SIZE];
    private int[] packets = new int[FIRST_SIZE];
    private Object[] instead = new Object[FIRST_SIZE];
    private Answers[] answers = new Answers[FIRST_SIZE];
    private int head;
    private int size;

    Acknowledgements(EventLoop loop, long committed) {
        this.loop = loop;
        this.committed = committed;
    }

    /// Owes an answer to a client as soon as the position is committed, and not before what was owed earlier.
    ///
    /// @param packet  the packet's id and the type of its acknowledgement, for [Answers#pay]
    /// @param instead what to do instead of acknowledging; null for the usual case
    void owe(Answers client, long position, int packet, Object instead) {
        if (size == positions.length) grow();
        var at = head + size & positions.length - 1;
        positions[at] = position;
        packets[at] = packet;
        this.instead[at] = instead;
        answers[at] = client;
        size++;
        idle = false;
        if (position <= committed && size == 1) settle();
    }

    /// The gate found the log full; it is called again after the next commit.
    void retryLater(MqttGate gate) {
        waiting.add(gate);
        idle = false;
        loop.schedule(this::settle, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// Called by the log's committer.
    void committed(long position) {
        committed = position;
        if (!idle) settle();
    }

    private void settle() {
        if (scheduled.compareAndSet(false, true)) loop.execute(this::pay);
    }

    private void pay() {
        scheduled.set(false);
        var due = committed;
        while (size > 0 && positions[head] <= due) {
            var client = answers[head];
            var packet = packets[head];
            var other = instead[head];
            answers[head] = null;
            instead[head] = null;
            head = head + 1 & positions.length - 1;
            size--;
            if (client.pay(packet, other)) touched.add(client);
        }
        for (var client : touched) client.flush();
        touched.clear();
        for (var n = waiting.size(); n > 0; n--) waiting.remove().retry();
        idle = size == 0 && waiting.isEmpty();
        // A commit between reading `committed` and going idle would otherwise go unnoticed.
        if (size > 0 && positions[head] <= committed) settle();
    }

    private void grow() {
        var length = positions.length;
        positions = unrolled(positions, new long[2 * length]);
        packets = unrolled(packets, new int[2 * length]);
        instead = unrolled(instead, new Object[2 * length]);
        answers = unrolled(answers, new Answers[2 * length]);
        head = 0;
    }

    private <A> A unrolled(A ring, A larger) {
        var length = Array.getLength(ring);
        System.arraycopy(ring, head, larger, 0, length - head);
        System.arraycopy(ring, 0, larger, length - head, head);
        return larger;
    }
}
