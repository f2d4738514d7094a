package io.iotflow.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Set;

/// Lets pages of configured origins call the API from a browser. Nothing here uses cookies, so credentials mode is
/// never allowed.
final class Cors {
    private static final Header METHODS = HeaderValues.createCached("Access-Control-Allow-Methods",
            "GET, HEAD, POST, PUT, PATCH, DELETE");
    private static final Header HEADERS = HeaderValues.createCached("Access-Control-Allow-Headers",
            "Authorization, Content-Type, X-API-Key, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID");
    private static final Header EXPOSED = HeaderValues.createCached("Access-Control-Expose-Headers",
            "ETag, Retry-After, Location, Idempotent-Replayed");
    private static final Header MAX_AGE = HeaderValues.createCached("Access-Control-Max-Age", "600");
    private static final Header ANY = HeaderValues.createCached("Access-Control-Allow-Origin", "*");
    private static final Header VARY = HeaderValues.createCached("Vary", "Origin");

    private final Set<String> origins;
    private final boolean any;

    Cors(List<String> origins) {
        this.origins = Set.copyOf(origins);
        this.any = origins.contains("*");
    }

    void apply(ServerRequest request, ServerResponse response) {
        if (origins.isEmpty() || !request.headers().contains(HeaderNames.ORIGIN)) return;
        if (any) {
            response.header(ANY);
        } else {
            response.header(VARY);
            var origin = request.headers().get(HeaderNames.ORIGIN).get();
            if (!origins.contains(origin)) return;
            response.header(HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        }
        response.header(EXPOSED);
        if (request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD)) {
            response.header(METHODS).header(HEADERS).header(MAX_AGE);
        }
    }
}
