package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks an issuer over HTTP and trusts no answer to be short, quick or well-formed. Redirects are not followed: what an
/// issuer says of itself names where everything is. Blocks.
final class IssuerClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerClient.class);

    private final HttpClient client;
    private final Duration atMost;
    private final Semaphore calls = new Semaphore(Limits.OUTSIDE_CALLS);

    /// @param body a JSON object
    record Answer(int status, JsonNode body) {}

    /// @param atMost how long each answer may take, to its last byte
    IssuerClient(SSLContext tls, Duration atMost) {
        this.atMost = atMost;
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(atMost).sslContext(tls)
                .executor(Executors.newVirtualThreadPerTaskExecutor()).build();
    }

    /// The answer must be a success.
    JsonNode fetch(URI uri, String... headers) {
        var request = HttpRequest.newBuilder(uri);
        if (headers.length > 0) request.headers(headers);
        var answer = ask(request.build());
        if (answer.status() != 200) throw unavailable(uri, "status " + answer.status());
        return answer.body();
    }

    /// @throws PlatformException `SIGN_IN_UNAVAILABLE` when there is no answer that is JSON, `OVERLOADED`
    Answer ask(HttpRequest request) {
        if (!calls.tryAcquire()) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many people are signing in.",
                    Limits.ISSUER_RETRY);
        }
        try {
            var answer = send(request);
            var body = Json.mapper().readTree(answer.body());
            if (!body.isObject()) throw unavailable(request.uri(), "no JSON object");
            return new Answer(answer.statusCode(), body);
        } catch (IOException e) {
            throw unavailable(request.uri(), e.getClass().getSimpleName());
        } finally {
            calls.release();
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
        // A timeout of the request itself would end with the headers.
        var coming = client.sendAsync(request,
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), Limits.ISSUER_ANSWER_BYTES));
        try {
            return coming.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            coming.cancel(true);
        }
    }

    static PlatformException unavailable(URI uri, String why) {
        LOG.warn("event=issuer_unavailable host={} path={} why={}", uri.getHost(), uri.getPath(), why);
        return PlatformException.retryLater(ErrorCode.SIGN_IN_UNAVAILABLE, "The OpenID issuer cannot be asked.",
                Limits.ISSUER_RETRY);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
