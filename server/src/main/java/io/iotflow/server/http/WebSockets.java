package io.iotflow.server.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings WebSockets from the HTTP library to the features: credentials are checked in the handshake, messages
/// arrive whole and bounded, writing is safe from any thread, and a ping every third of `http.read_timeout` keeps a
/// listening client connected and finds the ones that are gone.
final class WebSockets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebSockets.class);
    private static final HeaderName PROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");
    private static final String OUR_PROTOCOL = "iotflow";

    private final RouteTable table;
    private final Credentials credentials;
    private final Sockets sockets;
    private final InstantSource clock;
    private final Semaphore streams;
    private final HttpStatistics statistics;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Thread pinger;

    WebSockets(HttpConfig config, RouteTable table, Credentials credentials, Sockets sockets, InstantSource clock,
            Semaphore streams, HttpStatistics statistics) {
        this.table = table;
        this.credentials = credentials;
        this.sockets = sockets;
        this.clock = clock;
        this.streams = streams;
        this.statistics = statistics;
        this.pinger = Thread.ofVirtual().name("websocket-ping").start(() -> ping(config.readTimeout().dividedBy(3)));
    }

    WsRouting.Builder routing(WsRouting.Builder routing) {
        for (var route : table.routes()) {
            if (route.isWebSocket()) routing.endpoint(route.path(), () -> new Connection(route));
        }
        return routing;
    }

    @Override
    public void close() {
        pinger.interrupt();
        open.forEach(connection -> connection.close(WsCloseCodes.GOING_AWAY, "the platform is stopping"));
    }

    private void ping(Duration every) {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(every.toNanos());
                // Each on a thread of its own: a client that does not read must not delay the others' pings.
                open.forEach(connection -> Thread.ofVirtual().start(connection::ping));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One client. The library calls the listener's methods on the connection's own thread.
    private final class Connection implements WsListener, WebSocketConnection {
        private final Route route;
        private final ReentrantLock writing = new ReentrantLock();
        private final StringBuilder message = new StringBuilder();
        private WebSocketConversation conversation;
        private volatile WsSession session;
        private volatile Sockets.Watch watch;
        private volatile boolean over;
        private boolean counted;

        Connection(Route route) {
            this.route = route;
        }

        @Override
        public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
            try {
                var segments = PathTree.segments(prologue.uriPath().rawPath());
                var caller = caller(headers);
                Credentials.admit(route, caller);
                if (!streams.tryAcquire()) {
                    statistics.overload();
                    throw PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many streams are open.",
                            Duration.ofSeconds(1));
                }
                counted = true;
                conversation = route.webSocketHandler().open(new Request(table.tree().find("GET", segments),
                        prologue.uriPath().rawPath(), prologue.query().rawValue(), headers, Body.NONE, caller,
                        () -> caller(headers), "", clock.instant(), false), this);
            } catch (PlatformException refused) {
                release();
                throw refusal(refused);
            } catch (RuntimeException bug) {
                release();
                statistics.bug();
                LOG.error("event=websocket_failed path={}", route.path(), bug);
                throw refusal(new PlatformException(ErrorCode.INTERNAL, "Internal error."));
            }
            if (!headers.contains(PROTOCOL)) return Optional.empty();
            return Optional.of(WritableHeaders.create().add(HeaderValues.create(PROTOCOL, OUR_PROTOCOL)));
        }

        /// From the usual headers, or from a subprotocol `iotflow.<scheme>.<base64url>`.
        private Caller caller(Headers headers) {
            if (headers.contains(PROTOCOL)) {
                for (var offered : headers.get(PROTOCOL).get().split(",")) {
                    var parts = offered.strip().split("\\.", 3);
                    if (parts.length != 3 || !parts[0].equals(OUR_PROTOCOL)) continue;
                    try {
                        var credential = new String(Base64.getUrlDecoder().decode(parts[2]), StandardCharsets.UTF_8);
                        return credentials.owner(parts[1], credential);
                    } catch (IllegalArgumentException e) {
                        throw PlatformException.malformed("The credential's base64url is broken.");
                    }
                }
            }
            return credentials.caller(headers, Optional.empty());
        }

        @Override
        public void onOpen(WsSession opened) {
            session = opened;
            watch = sockets.watch(opened.socketContext().remotePeer(), opened.socketContext().localPeer());
            open.add(this);
            // A connection that breaks is not reported to the listener, but its thread ends.
            var reader = Thread.currentThread();
            Thread.ofVirtual().name("websocket-end").start(() -> endAfter(reader));
            conversation.opened();
        }

        @Override
        public void onMessage(WsSession from, String text, boolean last) {
            if (message.length() + text.length() > Limits.WEBSOCKET_MESSAGE_BYTES) {
                close(WsCloseCodes.TOO_BIG, "a message may have " + Limits.WEBSOCKET_MESSAGE_BYTES + " bytes");
                throw new CloseConnectionException("the message was too large");
            }
            message.append(text);
            if (!last) return;
            var whole = message.toString();
            message.setLength(0);
            try {
                conversation.received(whole);
            } catch (PlatformException refused) {
                send(new String(Problem.json(refused.code(), refused.getMessage(), route.path(), refused.errors()),
                        StandardCharsets.UTF_8));
            }
        }

        @Override
        public void onMessage(WsSession from, BufferData bytes, boolean last) {
            close(WsCloseCodes.CANNOT_ACCEPT, "text messages only");
            throw new CloseConnectionException("the message was binary");
        }

        @Override
        public void onClose(WsSession from, int status, String reason) {
            end();
        }

        @Override
        public void onError(WsSession from, Throwable failure) {
            if (!(failure instanceof UncheckedIOException)) {
                statistics.bug();
                LOG.error("event=websocket_failed path={}", route.path(), failure);
            }
            end();
        }

        @Override
        public void send(String text) {
            write(() -> session.send(text, true));
        }

        @Override
        public Caller authenticate(String authorization) {
            var owner = credentials.owner(authorization);
            if (owner instanceof Caller.Device device) Credentials.refuseHeld(device);
            return owner;
        }

        @Override
        public void close(int status, String reason) {
            if (over) return;
            try {
                write(() -> session.close(status, reason));
            } catch (UncheckedIOException e) {
                LOG.debug("event=websocket_gone path={}", route.path());
            }
            end();
        }

        /// A client to which something is being written needs no ping.
        void ping() {
            if (!writing.tryLock()) return;
            try {
                write(() -> session.ping(BufferData.empty()));
            } catch (UncheckedIOException e) {
                end();
            } finally {
                writing.unlock();
            }
        }

        private void write(Runnable frame) {
            writing.lock();
            try {
                if (over) throw new UncheckedIOException(new IOException("the WebSocket is closed"));
                watch.begin();
                frame.run();
            } catch (UncheckedIOException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new UncheckedIOException(new IOException("the client is gone", e));
            } finally {
                watch.end();
                writing.unlock();
            }
        }

        private void endAfter(Thread reader) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            end();
        }

        private void end() {
            synchronized (this) {
                if (over) return;
                over = true;
            }
            open.remove(this);
            if (watch != null) watch.close();
            release();
            conversation.closed();
        }

        private synchronized void release() {
            if (counted) streams.release();
            counted = false;
        }
    }

    private static RequestException refusal(PlatformException refused) {
        var builder = RequestException.builder()
                .type(DirectHandler.EventType.OTHER)
                .status(Status.create(refused.code().status()))
                .message(refused.getMessage())
                .setKeepAlive(false);
        refused.retryAfter().ifPresent(wait ->
                builder.header(HeaderValues.create("Retry-After", Long.toString(Math.max(1, wait.toSeconds())))));
        return builder.build();
    }
}
