package io.iotflow.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.limits.Check;
import io.iotflow.server.limits.RateLimits;
import io.iotflow.server.limits.RateLimits.Kind;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of one request: find its route, learn who calls, let the handler answer, write the answer or the refusal.
/// Called on the connection's virtual thread (HTTP/2: the stream's).
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    /// Devices' keys, which some paths hold, are written nowhere.
    private static final Pattern KEY_IN_PATH = Pattern.compile("/[A-Za-z0-9_-]{32}(?=/|$)");
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final PathTree tree;
    private final Credentials credentials;
    private final Pages pages;
    private final Answers answers;
    private final RemoteAddress remoteAddress;
    private final HttpStatistics statistics;
    private final RateLimits limits;
    private final InstantSource clock;
    private final Idempotency idempotency = new Idempotency();
    private final Semaphore requests;
    private final Semaphore streams;

    Dispatcher(HttpConfig config, Pages pages, PathTree tree, Credentials credentials, Answers answers,
            HttpStatistics statistics, RateLimits limits, InstantSource clock, Semaphore streams) {
        this.pages = pages;
        this.tree = tree;
        this.credentials = credentials;
        this.answers = answers;
        this.remoteAddress = new RemoteAddress(config.trustedProxies());
        this.statistics = statistics;
        this.limits = limits;
        this.clock = clock;
        this.requests = new Semaphore(config.maxConcurrentRequests());
        this.streams = streams;
    }

    void handle(ServerRequest request, ServerResponse response) {
        var start = System.nanoTime();
        var body = Body.of(request.content());
        if (!requests.tryAcquire()) {
            statistics.overload();
            answers.write(request, response, body, refusal(PlatformException.retryLater(ErrorCode.OVERLOADED,
                    "Too many requests are being answered.", RETRY_AFTER), request));
            statistics.answered(503, System.nanoTime() - start);
            return;
        }
        var held = requests;
        try {
            Reply reply;
            try {
                refuseBrokenLength(request);
                var match = match(request);
                if (match != null && match.route().isLongLived()) {
                    if (!streams.tryAcquire()) {
                        statistics.overload();
                        throw PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many streams are open.",
                                RETRY_AFTER);
                    }
                    held.release();
                    held = streams;
                }
                reply = match == null ? answerWithoutRoute(request) : answer(match, request, body);
            } catch (Throwable failure) {
                reply = refusal(failure, request);
            }
            statistics.answered(reply.status(), System.nanoTime() - start);
            try {
                answers.write(request, response, body, reply);
            } catch (Answers.NotBegun failure) {
                answers.write(request, response, body, refusal(failure.getCause(), request));
            }
        } finally {
            held.release();
        }
    }

    private PathTree.Match match(ServerRequest request) {
        var method = request.prologue().method().text();
        return tree.find(method.equals("HEAD") ? "GET" : method, segments(request));
    }

    /// The library lets lengths through that are none, and bodies that have two lengths.
    private static void refuseBrokenLength(ServerRequest request) {
        var headers = request.headers();
        if (!headers.contains(HeaderNames.CONTENT_LENGTH)) return;
        var length = headers.get(HeaderNames.CONTENT_LENGTH);
        var isNumber = length.valueCount() == 1 && !length.get().isEmpty() && length.get().length() <= 18
                && length.get().chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber || headers.contains(HeaderNames.TRANSFER_ENCODING)) {
            throw PlatformException.malformed("Content-Length is not one number, or not the only length.");
        }
    }

    private static List<String> segments(ServerRequest request) {
        try {
            return PathTree.segments(request.prologue().uriPath().rawPath());
        } catch (IllegalArgumentException e) {
            throw PlatformException.malformed("The path is broken: " + e.getMessage() + ".");
        }
    }

    private Reply answer(PathTree.Match match, ServerRequest request, Body body) throws Exception {
        var headers = request.headers();
        var address = remoteAddress.of(request.remotePeer(), headers);
        var check = limits.check();
        Reply reply;
        try {
            check.address(address);
            var caller = credentials.caller(headers, certificate(request), match);
            Credentials.admit(match.route(), caller);
            count(check, match.route(), caller, address);
            reply = answer(match, request, body, caller, address);
        } catch (PlatformException refused) {
            if (!check.isLimited()) throw refused;
            reply = refusal(refused, request);
        }
        if (!check.isLimited()) return reply;
        return reply.header("RateLimit-Policy", check.policy()).header("RateLimit", check.state());
    }

    /// Which the client has shown in the TLS handshake, where its chain was checked.
    private static Optional<X509Certificate> certificate(ServerRequest request) {
        if (!request.isSecure()) return Optional.empty();
        return request.remotePeer().tlsCertificates().map(chain -> (X509Certificate) chain[0]);
    }

    private static void count(Check check, Route route, Caller caller, String address) {
        switch (caller) {
            case Caller.Device device -> check.device(device.id(), device.organization());
            case Caller.User user -> check.organization(user.organization());
            case Caller.Anonymous _ -> {} // counted by its address
        }
        if (route.rateLimit() == null) return;
        check.take(Kind.ROUTE, route.rateLimit(), switch (caller) {
            case Caller.Device device -> device.id();
            case Caller.User user -> user.kind().word() + " " + user.id();
            case Caller.Anonymous _ -> RateLimits.networkOf(address);
        });
    }

    private Reply answer(PathTree.Match match, ServerRequest request, Body body, Caller caller, String address)
            throws Exception {
        if (match.route().isWebSocket()) {
            return refusal(PlatformException.malformed("This path speaks WebSocket only."), request);
        }
        var prologue = request.prologue();
        var asked = new Request(match, prologue.uriPath().rawPath(), prologue.query().rawValue(),
                request.headers(), body, caller,
                () -> credentials.caller(request.headers(), certificate(request), match), address, clock.instant(),
                request.isSecure());
        var reply = idempotency.answer(asked, match.route().handler());
        if (reply == null) throw new IllegalStateException("BUG: " + match.route() + " answered nothing");
        return reply;
    }

    private Reply answerWithoutRoute(ServerRequest request) {
        var segments = segments(request);
        var method = request.prologue().method().text();
        var methods = tree.methods(segments);
        if (method.equals("OPTIONS")) {
            return Reply.noContent().header("Allow", methods.isEmpty() ? "GET, HEAD, OPTIONS"
                    : String.join(", ", methods) + ", OPTIONS");
        }
        if (!methods.isEmpty()) {
            return refusal(new PlatformException(ErrorCode.METHOD_NOT_ALLOWED, "This path has "
                    + String.join(", ", methods) + ", not " + method + "."), request)
                    .header("Allow", String.join(", ", methods));
        }
        if (method.equals("GET") || method.equals("HEAD")) {
            var page = pages.find(segments, request.headers());
            if (page != null) return page;
        }
        throw PlatformException.notFound("such path");
    }

    /// Every failure becomes its answer here and nowhere else.
    private Reply refusal(Throwable failure, ServerRequest request) {
        var instance = KEY_IN_PATH.matcher(request.prologue().uriPath().rawPath()).replaceAll("/…");
        switch (failure) {
            case PlatformException refused -> {
                return refused(refused, instance);
            }
            case CloseConnectionException gone -> throw gone;
            case RequestException broken -> {
                statistics.malformedHttp();
                return byStatus(broken.status().code(), broken.getMessage(), instance);
            }
            case HttpException broken -> {
                return byStatus(broken.status().code(), broken.getMessage(), instance);
            }
            default -> {
                statistics.bug();
                if (failure instanceof InterruptedException) Thread.currentThread().interrupt();
                LOG.error("event=request_failed method={} path={}", request.prologue().method().text(), instance,
                        failure);
                return byStatus(500, null, instance);
            }
        }
    }

    static Reply refused(PlatformException refused, String instance) {
        var code = refused.code();
        var reply = Reply.problem(code.status(),
                Problem.json(code, refused.getMessage(), instance, refused.errors()));
        refused.retryAfter().ifPresent(wait -> reply.header("Retry-After", Long.toString(seconds(wait))));
        if (code == ErrorCode.UNAUTHORIZED) reply.header(Answers.CHALLENGE);
        return reply;
    }

    private static Reply byStatus(int status, String detail, String instance) {
        var code = Problem.codeOf(status);
        var text = detail == null || code == ErrorCode.INTERNAL ? code.title() + "." : detail;
        return Reply.problem(code.status(), Problem.json(code, text, instance, List.of()));
    }

    /// Rounded up: never too early.
    private static long seconds(Duration wait) {
        return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
    }
}
