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
final class Sockets implements AutoCloseable {
    private final SocketOptions options = SocketOptions.create();
    private final Duration timeout;
    private final Map<Ends, Socket> accepted = new ConcurrentHashMap<>();
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Thread sweeper;

    Sockets(Duration timeout) {
        this.timeout = timeout;
        this.sweeper = Thread.ofVirtual().name("http-sockets").start(this::sweep);
    }

    /// One client may come from one port of its own to both of ours.
    private record Ends(SocketAddress remote, int localPort) {}

    /// Somebody who writes to one client and may have to wait for it.
    final class Watch implements AutoCloseable {
        private final Ends ends;
        private volatile long waitingSince;

        private Watch(Ends ends) {
            this.ends = ends;
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

    Watch watch(PeerInfo remote, PeerInfo local) {
        var watch = new Watch(new Ends(remote.address(), local.port()));
        watches.add(watch);
        return watch;
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
                    if (watch.isStuck()) close(accepted.get(watch.ends));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// TLS would first wait for whoever is writing and then for the client's goodbye, so neither is waited for.
    private static void close(Socket socket) {
        if (socket == null) return;
        try {
            socket.setSoLinger(true, 0);
            socket.setSoTimeout(1);
            socket.close();
        } catch (IOException e) {
            // It was closed by somebody else in the same moment, which is what was wanted.
        }
    }

    /// The options for one port.
    ///
    /// @param mostConnections so many are open at the same time, or the next one is closed at once; the library's own
    ///                        count loses those whose TLS handshake fails
    SocketOptions port(int mostConnections) {
        return new Port(mostConnections);
    }

    private boolean hasRoom(int localPort, int most) {
        if (accepted.size() < most) return true;
        accepted.values().removeIf(Socket::isClosed);
        return accepted.keySet().stream().filter(ends -> ends.localPort() == localPort).count() < most;
    }

    private final class Port implements SocketOptions {
        private final int mostConnections;

        Port(int mostConnections) {
            this.mostConnections = mostConnections;
        }

        /// Called by the library for each connection before anything is read from it.
        @Override
        public void configureSocket(Socket socket) {
            if (!hasRoom(socket.getLocalPort(), mostConnections)) {
                throw new IllegalStateException("there are " + mostConnections + " connections");
            }
            options.configureSocket(socket);
            try {
                socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            accepted.put(new Ends(socket.getRemoteSocketAddress(), socket.getLocalPort()), socket);
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
}
