package io.iotflow.server.access;

import io.iotflow.server.TestPlatform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What of a browser a sign-in needs: cookies of each host, redirects, forms. It believes that the platform stands at
/// [#BASE], as if a proxy with TLS were in front.
final class TestBrowser implements AutoCloseable {
    static final String BASE = "https://iot.example.org";
    private static final Pattern ACTION = Pattern.compile("<form[^>]* action=\"([^\"]+)\"");

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestPlatform platform;
    final Map<String, Map<String, String>> cookies = new HashMap<>();

    TestBrowser(TestPlatform platform) {
        this.platform = platform;
    }

    HttpResponse<String> get(String uri) {
        return send(uri, HttpRequest.newBuilder().GET());
    }

    HttpResponse<String> post(String uri, String contentType, String body) {
        return send(uri, HttpRequest.newBuilder().header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(body)));
    }

    /// Signs in at the issuer's own pages.
    ///
    /// @param start where the platform sends it
    /// @return where the issuer sends it back to
    String signInAt(String start, String name) {
        var at = start;
        for (var steps = 0; steps < 12; steps++) {
            if (at.startsWith(BASE)) return at;
            var page = get(at);
            if (page.statusCode() == 200) {
                var action = ACTION.matcher(page.body());
                if (!action.find()) throw new AssertionError("no form: " + page.body());
                var fields = page.body().contains("name=\"login\"")
                        ? Map.of("prompt", "login", "login", name, "password", "whatever")
                        : Map.of("prompt", "consent");
                page = post(URI.create(at).resolve(action.group(1)).toString(), "application/x-www-form-urlencoded",
                        fields.entrySet().stream().map(field -> field.getKey() + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                                .collect(Collectors.joining("&")));
            }
            var base = at;
            at = page.headers().firstValue("Location").map(next -> URI.create(base).resolve(next).toString())
                    .orElseThrow(() -> new AssertionError("the issuer leads nowhere from " + base));
        }
        throw new AssertionError("the issuer leads in circles");
    }

    private HttpResponse<String> send(String uri, HttpRequest.Builder request) {
        var host = URI.create(uri).getAuthority();
        var kept = cookies.computeIfAbsent(host, _ -> new HashMap<>());
        var real = uri.startsWith(BASE)
                ? "http://127.0.0.1:" + platform.platform().httpPort() + uri.substring(BASE.length()) : uri;
        request.uri(URI.create(real)).timeout(Duration.ofSeconds(20));
        if (!kept.isEmpty()) {
            request.header("Cookie", kept.entrySet().stream().map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                    .collect(Collectors.joining("; ")));
        }
        try {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            for (var cookie : answer.headers().allValues("Set-Cookie")) {
                var pair = cookie.substring(0, cookie.indexOf(';'));
                var equals = pair.indexOf('=');
                if (cookie.contains("Max-Age=0") || equals == pair.length() - 1) kept.remove(pair.substring(0, equals));
                else kept.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(uri, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
