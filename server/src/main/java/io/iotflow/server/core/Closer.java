package io.iotflow.server.core;

import java.util.ArrayDeque;
import java.util.Deque;

/// Closes what was added, last first, whatever any of them throws.
public final class Closer implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    public synchronized <T extends AutoCloseable> T add(T closeable) {
        open.push(closeable);
        return closeable;
    }

    @Override
    public synchronized void close() {
        RuntimeException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                var wrapped = e instanceof RuntimeException r ? r : new IllegalStateException("closing failed", e);
                if (failure == null) failure = wrapped;
                else failure.addSuppressed(wrapped);
            }
        }
        if (failure != null) throw failure;
    }
}
