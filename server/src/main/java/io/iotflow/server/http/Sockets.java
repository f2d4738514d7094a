package io.iotflow.server.http;

import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Bounds how long a client may keep a connection waiting, which the library does not: reading by the socket's own
/// timeout, writing by closing the socket of a client that has not read for as long.
final class Sockets implements SocketOptions, AutoCloseable {
    private final SocketOptions options = SocketOptions.create();
    private final Duration timeout;
    private final Map<SocketAddress, Socket> accepted = new ConcurrentHashMap<>();
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Thread sweeper;

    Sockets(Duration timeout) {
        this.timeout = timeout;
        this.sweeper = Thread.ofVirtual().name("http-sockets").start(this::sweep);
    }

    /// Somebody who writes to one client and may have to wait for it.
    final class Watch implements AutoCloseable {
        private final SocketAddress peer;
        private volatile long waitingSince;

        private Watch(SocketAddress peer) {
            this.peer = peer;
        }

        void begin() {
            waitingSince = System.nanoTime() | 1;
        }

        void end() {
            waitingSince = 0;
        }

        private boolean isStuck() {
            var since = waitingSince;
            return since != 0 && System.nanoTime() - since > timeout.toNanos();
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }

    Watch watch(PeerInfo peer) {
        var watch = new Watch(peer.address());
        watches.add(watch);
        return watch;
    }

    /// Called by the library for each connection before anything is read from it.
    @Override
    public void configureSocket(Socket socket) {
        options.configureSocket(socket);
        try {
            socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        accepted.put(socket.getRemoteSocketAddress(), socket);
    }

    @Override
    public void close() {
        sweeper.interrupt();
    }

    private void sweep() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(timeout.dividedBy(4).toNanos());
                accepted.values().removeIf(Socket::isClosed);
                for (var watch : watches) {
                    if (watch.isStuck()) close(accepted.get(watch.peer));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket) {
        if (socket == null) return;
        try {
            socket.close();
        } catch (IOException e) {
            // It was closed by somebody else in the same moment, which is what was wanted.
        }
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
        return options.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
        return timeout;
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
        return options.socketReceiveBufferSize();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
        return options.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
        return options.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
        return options.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
        return options.tcpNoDelay();
    }
}
