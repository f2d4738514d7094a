package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.limits.RateLimitConfig;
import io.iotflow.server.limits.RateLimits;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The dashboard's and the API page's files. Runs with whatever dashboard is on the class path, or with none.
class PagesTest {
    private static TestListener server;

    @BeforeAll
    static void start() {
        server = new TestListener();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theRootIsAPageWithAStrictPolicy() {
        var page = server.get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<!doctype html>");
        var policy = page.headers().firstValue("Content-Security-Policy").orElse("");
        assertThat(policy).contains("script-src 'self';", "style-src 'self';", "frame-ancestors 'none'")
                .doesNotContain("unsafe-");
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-cache");
        assertThat(page.headers().firstValue("X-Frame-Options")).contains("DENY");
    }

    @Test
    void imagesMayComeFromTheOriginOfMapTilesAndNothingElseMay() throws Exception {
        var none = server.get("/").headers().firstValue("Content-Security-Policy").orElse("");
        assertThat(none).contains("img-src 'self' data: blob:;").doesNotContain("http");
        var map = new MapConfig(Optional.of("https://tile.example.org:8443/{z}/{x}/{y}.png?key=a;b"), "", 19);
        try (var client = HttpClient.newHttpClient();
                var listener = new HttpListener(TestListener.CONFIG, map, Optional.empty(), InstantSource.system(),
                        new RateLimits(RateLimitConfig.off()), List.of(), List.of())) {
            var answer = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/"))
                    .build(), BodyHandlers.discarding());
            assertThat(answer.headers().firstValue("Content-Security-Policy")).hasValue(
                    none.replace("data: blob:;", "data: blob: https://tile.example.org:8443;"));
        }
    }

    @Test
    void tilesAreOfOneHost() {
        for (var wrong : List.of("https://tile.example.org/{z}/{x}.png", "//tile.example.org/{z}/{x}/{y}.png",
                "https://{s}.example.org/{z}/{x}/{y}.png", "https://{x}.example.org/{z}/{x}/{y}.png",
                "https://user@example.org/{z}/{x}/{y}.png", "ftp://example.org/{z}/{x}/{y}.png",
                "https://example.org;script-src *;/{z}/{x}/{y}.png", "https://a b/{z}/{x}/{y}", "/{z}/{x}/{y}.png")) {
            assertThatThrownBy(() -> new MapConfig(Optional.of(wrong), "", 19)).as(wrong)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("map.tiles must");
        }
        assertThat(new MapConfig(Optional.of("http://[::1]:9000/{z}/{x}/{y}"), "", 19).origin())
                .hasValue("http://[::1]:9000");
    }

    @Test
    void theApiPageNeedsNothingFromOutside() {
        var page = server.get("/docs");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).doesNotContain("http:").doesNotContain("https:").doesNotContain("<script>");
        for (var file : new String[] {"swagger-ui.css", "swagger-ui-bundle.js", "page.js", "page.css"}) {
            assertThat(page.body()).contains("/docs/" + file);
            assertThat(server.get("/docs/" + file).statusCode()).as(file).isEqualTo(200);
        }
        assertThat(server.get("/docs/absent.js").statusCode()).isEqualTo(404);
        assertThat(server.get("/docs/").statusCode()).isEqualTo(200);
    }

    @Test
    void filesAreCompressedAndNotSentTwice() {
        var plain = server.get("/docs/swagger-ui.css");
        var packed = server.get("/docs/swagger-ui.css", "Accept-Encoding", "br, gzip");
        assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(packed.body().length()).isLessThan(plain.body().length() / 2);
        var etag = plain.headers().firstValue("ETag").orElseThrow();
        var again = server.get("/docs/swagger-ui.css", "If-None-Match", etag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void theDocumentIsServedAsYamlAndAsJson() {
        assertThat(server.get("/openapi.yaml").body()).startsWith("openapi: 3.1.0");
        assertThat(server.get("/openapi.json").body()).startsWith("{\"openapi\":\"3.1.0\"");
    }

    @Test
    void nothingOutsideTheFolderIsFound() {
        for (var path : new String[] {"/%2e%2e/logback.xml", "/..%2f..%2fetc/passwd", "/assets/%2e%2e/index.html",
            "/docs/%2e%2e%2fopenapi.yaml", "/%5c..%5cx.txt", "/META-INF/MANIFEST.MF", "/io", "/.git", "/assets%00.js",
            "/docs/swagger-ui.css%00", "/file:%2f%2fetc%2fpasswd.txt"}) {
            assertThat(server.get(path).statusCode()).as(path).isBetween(400, 404);
        }
    }

    @Test
    void anApiClientThatWentAstrayGetsAProblem() {
        var answer = server.get("/api/v1/nowhere", "Accept", "text/html");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    }
}
