package io.iotflow.server.http;

import io.iotflow.server.core.Limits;
import io.iotflow.server.limits.Rate;
import io.iotflow.server.limits.RateLimits.Buckets;
import java.util.ArrayList;
import java.util.List;

/// One declared call: how it is reached, who may make it, how large its body may be.
public final class Route {
    private final String method;
    private final String path;
    private final Access access;
    private final Handler handler;
    private final WebSocketHandler webSocketHandler;
    private final List<String> parameters;
    private long bodyLimit = Limits.HTTP_BODY_BYTES;
    private boolean longLived;
    private boolean repeatable;
    private boolean forWaiting;
    private String credentialHeader;
    private String credentialParameter;
    private Buckets<Object> rateLimit;

    Route(String method, String path, Access access, Handler handler, WebSocketHandler webSocketHandler) {
        this.method = method;
        this.path = path;
        this.access = access;
        this.handler = handler;
        this.webSocketHandler = webSocketHandler;
        this.parameters = parameterNames(path);
    }

    /// Lets this route take larger (or only smaller) bodies than `Limits.HTTP_BODY_BYTES`.
    public Route bodyLimit(long bytes) {
        bodyLimit = bytes;
        return this;
    }

    /// Says that answers last as long as the client listens, so they count against `http.max_streams` and not
    /// against `http.max_concurrent_requests`.
    public Route longLived() {
        longLived = true;
        return this;
    }

    /// Says that sending the same again is the client's usual way and needs no `Idempotency-Key`, which is ignored.
    public Route repeatable() {
        repeatable = true;
        return this;
    }

    /// Limits how often each caller may call this, such as `10/5m`, beside the limits for everything.
    public Route rateLimit(String rate) {
        rateLimit = new Buckets<>(Rate.of(rate), Limits.RATE_LIMITED_CALLERS);
        return this;
    }

    /// Lets devices call that wait for being admitted, or are in quarantine.
    public Route forWaiting() {
        forWaiting = true;
        return this;
    }

    /// Names a header that this route takes for a credential, besides those that say who calls.
    public Route credentialHeader(String name) {
        credentialHeader = name;
        return this;
    }

    /// Names a parameter of the path that holds a device's key, for requests that show nothing else.
    public Route credentialParameter(String name) {
        credentialParameter = name;
        return this;
    }

    public String method() {
        return method;
    }

    /// The absolute path with its parameters in braces: `/api/v1/devices/{device}/status`.
    public String path() {
        return path;
    }

    public Access access() {
        return access;
    }

    public long bodyLimit() {
        return bodyLimit;
    }

    public boolean isWebSocket() {
        return webSocketHandler != null;
    }

    /// Whether an `Idempotency-Key` is heeded: it is on writes.
    public boolean takesIdempotencyKey() {
        return !method.equals("GET") && !repeatable && !longLived;
    }

    /// Null when there is none.
    String credentialHeader() {
        return credentialHeader;
    }

    /// Null when there is none.
    String credentialParameter() {
        return credentialParameter;
    }

    /// Null when there is none.
    Buckets<Object> rateLimit() {
        return rateLimit;
    }

    boolean isForWaiting() {
        return forWaiting;
    }

    boolean isLongLived() {
        return longLived;
    }

    Handler handler() {
        return handler;
    }

    WebSocketHandler webSocketHandler() {
        return webSocketHandler;
    }

    /// Names in the order in which they stand in the path.
    List<String> parameters() {
        return parameters;
    }

    @Override
    public String toString() {
        return method + " " + path;
    }

    private static List<String> parameterNames(String path) {
        var names = new ArrayList<String>();
        for (var segment : PathTree.segments(path)) {
            if (PathTree.isParameter(segment)) names.add(segment.substring(1, segment.length() - 1));
        }
        return List.copyOf(names);
    }
}
