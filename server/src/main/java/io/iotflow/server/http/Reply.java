package io.iotflow.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a handler answers. Made in the handler, written by the listener after the handler has returned.
public final class Reply {
    static final Header JSON = HeaderValues.createCached("Content-Type", "application/json");
    private static final Header TEXT = HeaderValues.createCached("Content-Type", "text/plain; charset=utf-8");
    private static final Header EVENTS = HeaderValues.createCached("Content-Type", "text/event-stream");
    private static final byte[] NOTHING = new byte[0];

    private final int status;
    private final Header contentType;
    private final byte[] bytes;
    private final BodyWriter writer;
    private List<Header> headers = List.of();
    private boolean page;

    /// Writes a body of unknown length.
    @FunctionalInterface
    public interface BodyWriter {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    private Reply(int status, Header contentType, byte[] bytes, BodyWriter writer) {
        this.status = status;
        this.contentType = contentType;
        this.bytes = bytes;
        this.writer = writer;
    }

    /// 200 with a record, map or tree as JSON.
    public static Reply ok(Object body) {
        return json(200, body);
    }

    /// 201 with a record, map or tree as JSON.
    public static Reply created(Object body) {
        return json(201, body);
    }

    /// 204.
    public static Reply noContent() {
        return new Reply(204, null, NOTHING, null);
    }

    public static Reply json(int status, Object body) {
        return new Reply(status, JSON, body instanceof byte[] ready ? ready : Json.bytes(body), null);
    }

    /// 200 with text.
    public static Reply text(String text) {
        return new Reply(200, TEXT, text.getBytes(StandardCharsets.UTF_8), null);
    }

    public static Reply bytes(String contentType, byte[] body) {
        return new Reply(200, HeaderValues.create("Content-Type", contentType), body, null);
    }

    public static Reply redirect(String location) {
        return new Reply(302, null, NOTHING, null).header("Location", location);
    }

    /// 200 with a body written piece by piece; memory stays bounded however long it is. A failure in the middle cuts
    /// the body off, which HTTP lets the client notice.
    public static Reply stream(String contentType, BodyWriter writer) {
        return new Reply(200, HeaderValues.create("Content-Type", contentType), null, writer);
    }

    /// A body of known length that is written piece by piece.
    public static Reply stream(int status, String contentType, long length, BodyWriter writer) {
        return new Reply(status, HeaderValues.create("Content-Type", contentType), null, writer)
                .header(HeaderValues.create(HeaderNames.CONTENT_LENGTH, length));
    }

    /// 200 with server-sent events, for as long as the source writes and the client listens. Declare the route
    /// [Route#longLived()].
    public static Reply events(EventStream.Source source) {
        return new Reply(200, EVENTS, null, out -> source.writeTo(new ServerSentEvents(out)));
    }

    static Reply problem(int status, byte[] body) {
        return new Reply(status, Problem.CONTENT_TYPE, body, null);
    }

    /// Part of a page for people, which brings its own headers for caching and security.
    static Reply page(int status, Header contentType, byte[] body) {
        var reply = new Reply(status, contentType, body, null);
        reply.page = true;
        return reply;
    }

    /// The same answer, marked as one that was given before.
    Reply replayed() {
        var again = new Reply(status, contentType, bytes, writer);
        headers.forEach(again::header);
        return again.header("Idempotent-Replayed", "true");
    }

    public Reply header(String name, String value) {
        return header(HeaderValues.create(name, value));
    }

    Reply header(Header header) {
        if (headers.isEmpty()) headers = new ArrayList<>(4);
        headers.add(header);
        return this;
    }

    int status() {
        return status;
    }

    boolean isPage() {
        return page;
    }

    /// Null when there is no body.
    Header contentType() {
        return contentType;
    }

    /// Null when a writer writes the body.
    byte[] bytes() {
        return bytes;
    }

    BodyWriter writer() {
        return writer;
    }

    List<Header> headers() {
        return headers;
    }
}
