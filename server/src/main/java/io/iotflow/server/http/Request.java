package io.iotflow.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// One request, as a handler sees it. Belongs to the handler's thread.
public final class Request {
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

    private final Route route;
    private final List<String> parameterValues;
    private final String rawPath;
    private final String rawQuery;
    private final Headers headers;
    private final Body entity;
    private final Caller caller;
    private final Supplier<Caller> askAgain;
    private final String remoteAddress;
    private final Instant receivedAt;
    private final boolean isSecure;
    private byte[] body;
    private Query query;

    Request(PathTree.Match match, String rawPath, String rawQuery, Headers headers, Body entity,
            Caller caller, Supplier<Caller> askAgain, String remoteAddress, Instant receivedAt, boolean isSecure) {
        this.route = match.route();
        this.parameterValues = match.values();
        this.rawPath = rawPath;
        this.rawQuery = rawQuery;
        this.headers = headers;
        this.entity = entity;
        this.caller = caller;
        this.askAgain = askAgain;
        this.remoteAddress = remoteAddress;
        this.receivedAt = receivedAt;
        this.isSecure = isSecure;
    }

    public Caller caller() {
        return caller;
    }

    /// Whose the request's credentials are by now; for what goes on after its answer has begun.
    ///
    /// @throws PlatformException when they are nobody's any more
    public Caller callerNow() {
        return askAgain.get();
    }

    /// The caller of a route that admits devices only.
    public Caller.Device device() {
        if (caller instanceof Caller.Device device) return device;
        throw new IllegalStateException("BUG: " + route + " is not declared for devices only");
    }

    /// Whose records the caller may see.
    public OrganizationPath scope() {
        return caller.organization();
    }

    /// The caller as the cause of a change.
    public Actor actor() {
        return caller.actor(remoteAddress, "http");
    }

    public Route route() {
        return route;
    }

    /// As sent, without the query.
    public String path() {
        return rawPath;
    }

    /// The decoded value of `{name}` in the route's path.
    public String parameter(String name) {
        var at = route.parameters().indexOf(name);
        if (at < 0) throw new IllegalStateException("BUG: " + route + " has no parameter " + name);
        return parameterValues.get(at);
    }

    /// The number that a parameter of the path is.
    ///
    /// @throws PlatformException `NOT_FOUND` for what is none
    public long id(String parameter) {
        var text = parameter(parameter);
        if (!NUMBER.matcher(text).matches()) throw PlatformException.notFound(parameter + " of that number");
        return Long.parseLong(text);
    }

    /// The revision that the caller has read and wants changed; empty if any will do.
    public OptionalLong ifMatch() {
        var tag = header("If-Match").map(String::strip).filter(text -> !text.equals("*"));
        if (tag.isEmpty()) return OptionalLong.empty();
        try {
            return OptionalLong.of(Long.parseLong(tag.get().replace("\"", "")));
        } catch (NumberFormatException _) {
            return OptionalLong.of(-1); // no revision has this tag
        }
    }

    /// The decoded values of the path's parameters, in their order.
    List<String> parameters() {
        return parameterValues;
    }

    /// As sent; empty when there is none.
    String rawQuery() {
        return rawQuery == null ? "" : rawQuery;
    }

    public Query query() {
        if (query == null) {
            try {
                query = Query.parse(rawQuery, receivedAt);
            } catch (IllegalArgumentException e) {
                throw PlatformException.malformed("The query is broken: " + e.getMessage() + ".");
            }
        }
        return query;
    }

    public Optional<String> header(String name) {
        return header(HeaderNames.create(name));
    }

    Optional<String> header(HeaderName name) {
        return headers.contains(name) ? Optional.of(headers.get(name).get()) : Optional.empty();
    }

    /// A cookie's value, as sent.
    public Optional<String> cookie(String name) {
        if (!headers.contains(HeaderNames.COOKIE)) return Optional.empty();
        return headers.get(HeaderNames.COOKIE).allValues().stream().flatMap(line -> Arrays.stream(line.split(";")))
                .map(String::strip).filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1)).findFirst();
    }

    /// The client's address without its port; behind a trusted proxy, the address that the proxy saw.
    public String remoteAddress() {
        return remoteAddress;
    }

    /// Whether it came over TLS; not said of WebSockets.
    public boolean isSecure() {
        return isSecure;
    }

    /// When the request's headers had arrived.
    public Instant receivedAt() {
        return receivedAt;
    }

    /// `Content-Type` in lower case without its parameters; empty when there is none.
    public String contentType() {
        if (!headers.contains(HeaderNames.CONTENT_TYPE)) return "";
        var value = headers.get(HeaderNames.CONTENT_TYPE).get();
        var semicolon = value.indexOf(';');
        return (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /// Refuses with 415 unless the content type is one of these; an absent one is taken for the first.
    public String requireContentType(String... allowed) {
        var type = contentType();
        if (type.isEmpty()) return allowed[0];
        for (var candidate : allowed) {
            if (candidate.equals(type)) return candidate;
        }
        throw new PlatformException(ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                "This call takes " + String.join(", ", allowed) + ", not " + type + ".");
    }

    /// The whole body, at most the route's limit; empty when there is none.
    public byte[] body() {
        if (body == null) body = readBody();
        return body;
    }

    public boolean hasBody() {
        return entity.isPresent();
    }

    /// The body as a tree.
    public JsonNode json() {
        requireJson();
        return Json.read(body());
    }

    /// The body as a record, whose component names stand in snake_case in the JSON.
    public <T> T json(Class<T> type) {
        requireJson();
        return Json.read(body(), type, receivedAt);
    }

    /// The body as it arrives, for uploads that do not fit into memory. Reading beyond the route's limit is refused.
    public InputStream stream() {
        if (!hasBody()) return InputStream.nullInputStream();
        refuseAnnouncedExcess();
        return new BoundedInput(entity.in(), route.bodyLimit());
    }

    private void requireJson() {
        var type = contentType();
        if (type.isEmpty() || type.equals("application/json") || type.endsWith("+json")) return;
        throw new PlatformException(ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                "This call takes application/json, not " + type + ".");
    }

    private byte[] readBody() {
        if (!hasBody()) return new byte[0];
        refuseAnnouncedExcess();
        try {
            var in = entity.in();
            var announced = headers.contentLength();
            if (announced.isPresent()) return in.readNBytes((int) announced.getAsLong());
            var bytes = in.readNBytes((int) Math.min(route.bodyLimit() + 1, Integer.MAX_VALUE - 8));
            if (bytes.length > route.bodyLimit()) throw tooLarge(route.bodyLimit());
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void refuseAnnouncedExcess() {
        var announced = headers.contentLength();
        if (announced.isPresent() && announced.getAsLong() > route.bodyLimit()) throw tooLarge(route.bodyLimit());
    }

    static PlatformException tooLarge(long limit) {
        return new PlatformException(ErrorCode.TOO_LARGE, "The body may have at most " + limit + " bytes here.");
    }

    /// Ends in a refusal instead of the end of the stream.
    private static final class BoundedInput extends InputStream {
        private final InputStream in;
        private final long limit;
        private long left;

        BoundedInput(InputStream in, long limit) {
            this.in = in;
            this.limit = limit;
            this.left = limit;
        }

        @Override
        public int read() throws IOException {
            var one = in.read();
            if (one >= 0 && --left < 0) throw tooLarge(limit);
            return one;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            var count = in.read(into, offset, length);
            if (count > 0 && (left -= count) < 0) throw tooLarge(limit);
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
