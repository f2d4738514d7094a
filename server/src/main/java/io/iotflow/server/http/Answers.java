package io.iotflow.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts answers on the wire, with the headers that every answer has.
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    /// Without a realm, so that no browser opens a password window.
    static final Header CHALLENGE = HeaderValues.createCached("WWW-Authenticate", "Bearer");

    private static final Header NO_SNIFF = HeaderValues.X_CONTENT_TYPE_OPTIONS_NOSNIFF;
    private static final Header NO_STORE = HeaderValues.createCached("Cache-Control", "no-store");
    /// An API answer that is opened as a page can load and run nothing.
    private static final Header DATA_POLICY = HeaderValues.createCached("Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'");
    /// What is left of a refused body is read up to here so that the connection can go on; beyond, it is closed.
    private static final long DRAINED_BYTES = 4 << 20;

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);

    private final Cors cors;
    private final Sockets sockets;
    private final InstantSource clock;
    /// Null when it is not said; never said without TLS.
    private final Header transport;
    private volatile DateHeader date = new DateHeader(Long.MIN_VALUE, null);

    /// Written once a second.
    private record DateHeader(long second, Header header) {}

    /// @param hsts how long browsers shall come over TLS only; zero does not say it
    Answers(Cors cors, Sockets sockets, Duration hsts, InstantSource clock) {
        this.cors = cors;
        this.transport = hsts.isZero() ? null
                : HeaderValues.createCached("Strict-Transport-Security", "max-age=" + hsts.toSeconds());
        this.sockets = sockets;
        this.clock = clock;
    }

    void write(ServerRequest request, ServerResponse response, Body body, Reply reply) {
        var http1 = request.prologue().protocolVersion().startsWith("1");
        var mustClose = http1 && (request.headers().contains(HeaderValues.CONNECTION_CLOSE)
                || reply.status() >= 400 && isUnread(request, body));
        applyHeaders(request, response, reply);
        if (mustClose) response.header(HeaderValues.CONNECTION_CLOSE);
        response.status(status(reply.status()));
        var head = request.prologue().method().text().equals("HEAD");
        if (reply.writer() == null) {
            if (head) {
                response.header(HeaderValues.create(HeaderNames.CONTENT_LENGTH, reply.bytes().length));
                response.send(new byte[0]);
            } else {
                response.send(reply.bytes());
            }
        } else if (head) {
            response.send(new byte[0]);
        } else {
            stream(request, response, reply);
        }
        if (!mustClose) return;
        // The library neither closes by itself, nor skips what it has not read of the body.
        ((RoutingResponse) response).commit();
        throw new CloseConnectionException("the connection ends with this answer");
    }

    /// True when bytes of the body are still coming, which would be taken for the next request.
    private static boolean isUnread(ServerRequest request, Body body) {
        if (body.isRead()) return false;
        // Whichever length is believed, somebody else on the way may have believed the other one.
        if (request.headers().contains(HeaderNames.CONTENT_LENGTH)
                && request.headers().contains(HeaderNames.TRANSFER_ENCODING)) return true;
        if (request.headers().contains(HeaderValues.EXPECT_100) && !request.content().consumed()) return true;
        return !body.drain(DRAINED_BYTES);
    }

    private void applyHeaders(ServerRequest request, ServerResponse response, Reply reply) {
        if (reply.contentType() != null) response.header(reply.contentType());
        response.header(date()).header(NO_SNIFF);
        if (!reply.isPage()) response.header(NO_STORE).header(DATA_POLICY);
        if (transport != null && request.isSecure()) response.header(transport);
        for (var header : reply.headers()) response.header(header);
        cors.apply(request, response);
    }

    /// In GMT, as HTTP wants it; the library would write the machine's zone.
    Header date() {
        var second = clock.instant().getEpochSecond();
        var known = date;
        if (known.second() == second) return known.header();
        var text = HTTP_DATE.format(Instant.ofEpochSecond(second).atZone(ZoneOffset.UTC));
        date = known = new DateHeader(second, HeaderValues.createCached(HeaderNames.DATE, text));
        return known.header();
    }

    /// A failure after the first byte can only cut the answer off, which HTTP shows to the client.
    private void stream(ServerRequest request, ServerResponse response, Reply reply) {
        try (var watch = sockets.watch(request.remotePeer(), request.localPeer())) {
            var out = new ClientOutput(response, watch);
            try {
                reply.writer().writeTo(out);
                out.close();
            } catch (ClientGone gone) {
                throw new CloseConnectionException("the client left while it was answered", gone);
            } catch (Exception failure) {
                if (!out.isOpen()) throw new NotBegun(failure);
                if (failure instanceof InterruptedException) Thread.currentThread().interrupt();
                else if (failure instanceof PlatformException refused) {
                    LOG.warn("event=answer_cut_off path={} code={}", request.path().rawPath(), refused.code().code());
                } else {
                    LOG.error("event=answer_cut_off path={}", request.path().rawPath(), failure);
                }
                throw new CloseConnectionException("the answer could not be finished", failure);
            }
        }
    }

    private static Status status(int code) {
        return switch (code) {
            case 200 -> Status.OK_200;
            case 201 -> Status.CREATED_201;
            case 204 -> Status.NO_CONTENT_204;
            default -> Status.create(code);
        };
    }

    /// The writer failed before it wrote anything, so there is still a refusal to be answered.
    static final class NotBegun extends RuntimeException {
        NotBegun(Throwable cause) {
            super(cause);
        }
    }

    /// The client does not listen any more: nobody's fault.
    private static final class ClientGone extends IOException {
        ClientGone(Throwable cause) {
            super("the client is gone", cause);
        }
    }

    /// Tells failures of the connection from failures of the writer; opens the answer with its first byte.
    private static final class ClientOutput extends OutputStream {
        private final ServerResponse response;
        private final Sockets.Watch watch;
        private OutputStream out;

        ClientOutput(ServerResponse response, Sockets.Watch watch) {
            this.response = response;
            this.watch = watch;
        }

        boolean isOpen() {
            return out != null;
        }

        @Override
        public void write(int one) throws IOException {
            attempt(() -> out.write(one));
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            attempt(() -> out.write(from, offset, length));
        }

        @Override
        public void flush() throws IOException {
            attempt(() -> out.flush());
        }

        @Override
        public void close() throws IOException {
            attempt(() -> out.close());
        }

        private interface Write {
            void run() throws IOException;
        }

        private void attempt(Write write) throws IOException {
            watch.begin();
            try {
                if (out == null) out = response.outputStream();
                write.run();
            } catch (IOException | RuntimeException e) {
                throw new ClientGone(e);
            } finally {
                watch.end();
            }
        }
    }
}
