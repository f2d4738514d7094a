package io.iotflow.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;

/// The pages for people: the dashboard at `/` and the API page at `/docs`. Everything comes from the class path,
/// nothing is fetched from anywhere else.
///
/// The content security policy has no exceptions: scripts and styles come from files of this platform, none stands in
/// a page, and nothing may be loaded from or sent to another origin; but for images of map tiles, from the one origin
/// that is configured.
final class Pages {
    private static final Header NO_FRAMES = HeaderValues.createCached("X-Frame-Options", "DENY");
    private static final Header NO_REFERRER = HeaderValues.createCached("Referrer-Policy", "no-referrer");
    private static final Header OWN_WINDOW = HeaderValues.createCached("Cross-Origin-Opener-Policy", "same-origin");
    private static final Header NO_FEATURES = HeaderValues.createCached("Permissions-Policy",
            "camera=(), microphone=(), geolocation=(self), payment=(), usb=()");
    /// Files below `assets/` carry a digest of their content in their name.
    private static final Header FOREVER = HeaderValues.createCached("Cache-Control",
            "public, max-age=31536000, immutable");
    private static final Header ASK_AGAIN = HeaderValues.createCached("Cache-Control", "no-cache");
    private static final Header HTML = HeaderValues.createCached("Content-Type", "text/html; charset=utf-8");
    private static final String INDEX = "index.html";
    private static final byte[] NO_DASHBOARD = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>IoTFlow</title>
            <h1>IoTFlow is running</h1>
            <p>This build has no dashboard in it. The API is described at <a href="/docs">/docs</a>,
            and the platform's health is at <a href="/health?detailed=true">/health</a>.</p>
            </html>
            """.getBytes(StandardCharsets.UTF_8);

    private final ClassPathFiles dashboard = new ClassPathFiles("dashboard");
    private final ClassPathFiles apiPage = new ClassPathFiles("apidocs");
    private final ClassPathFiles swagger = new ClassPathFiles(swaggerFolder());
    private final Header policy;

    Pages(MapConfig map) {
        policy = HeaderValues.createCached("Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:"
                        + map.origin().map(origin -> " " + origin).orElse("") + "; "
                        + "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
                        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    }

    /// Null when there is no such page.
    Reply find(List<String> segments, Headers request) {
        if (!segments.isEmpty() && segments.getFirst().equals("docs")) return docs(segments, request);
        if (segments.isEmpty()) return index(request);
        var file = dashboard.find(segments, request);
        if (file != null) return decorate(file, segments.getFirst().equals("assets") ? FOREVER : ASK_AGAIN);
        return isPlaceInDashboard(segments, request) ? index(request) : null;
    }

    private Reply docs(List<String> segments, Headers request) {
        if (segments.size() == 1) return decorate(apiPage.find(INDEX, request), ASK_AGAIN);
        if (segments.size() > 2) return null;
        var name = segments.getLast();
        var file = switch (name) {
            case "page.js", "page.css" -> apiPage.find(name, request);
            case "swagger-ui.css", "swagger-ui-bundle.js" -> swagger.find(name, request);
            default -> null;
        };
        return file == null ? null : decorate(file, ASK_AGAIN);
    }

    private Reply index(Headers request) {
        var index = dashboard.find(INDEX, request);
        return decorate(index != null ? index : Reply.page(200, HTML, NO_DASHBOARD), ASK_AGAIN);
    }

    /// The dashboard names its places in the path and finds them itself; an API client that went astray wants a 404.
    private boolean isPlaceInDashboard(List<String> segments, Headers request) {
        return !segments.getFirst().equals("api") && segments.getLast().indexOf('.') < 0
                && request.contains(HeaderNames.ACCEPT)
                && request.get(HeaderNames.ACCEPT).get().contains("text/html")
                && dashboard.has(INDEX);
    }

    private Reply decorate(Reply reply, Header caching) {
        return reply.header(caching).header(policy).header(NO_FRAMES).header(NO_REFERRER).header(OWN_WINDOW)
                .header(NO_FEATURES);
    }

    private static String swaggerFolder() {
        var about = new Properties();
        try (var in = Pages.class.getResourceAsStream("/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
            if (in != null) about.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "META-INF/resources/webjars/swagger-ui/" + about.getProperty("version", "absent");
    }
}
