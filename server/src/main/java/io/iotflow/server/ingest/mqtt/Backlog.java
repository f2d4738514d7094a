package io.iotflow.server.ingest.mqtt;

import io.netty.channel.Channel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/// Packets of one connection that have arrived and cannot be dealt with yet, in their order. While there are such,
/// nothing more is read from the socket. Used on the connection's event loop only.
final class Backlog {
    /// Packets that may arrive in one read before the connection is open or while the log is full. Reading has stopped
    /// by then, so more than this means a client that has sent far ahead of its own connect.
    private static final int HELD_PACKETS = 100_000;

    private final Channel channel;
    private final ArrayDeque<Object> held = new ArrayDeque<>(0);
    private boolean waits;

    Backlog(Channel channel) {
        this.channel = channel;
    }

    /// Whether what arrives now has to wait.
    boolean isBehind() {
        return waits || !held.isEmpty();
    }

    void hold(Object message) {
        if (held.size() < HELD_PACKETS) {
            held.add(message);
        } else {
            ReferenceCountUtil.release(message);
            channel.close();
        }
    }

    /// The next packet; null if there is none, or something is waited for.
    Object next() {
        return waits ? null : held.poll();
    }

    /// Puts back what was just taken.
    void putBack(Object message) {
        held.addFirst(message);
    }

    /// Nothing more is dealt with until [#resume]. False if that is on its way already.
    boolean pause() {
        channel.config().setAutoRead(false);
        if (waits) return false;
        waits = true;
        return true;
    }

    void resume() {
        waits = false;
    }

    void clear() {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }
}
