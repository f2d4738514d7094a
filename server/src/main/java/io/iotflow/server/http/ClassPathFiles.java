package io.iotflow.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;

/// Files below one folder of the class path, kept in memory once they were asked for, compressed where that pays.
/// What is kept is bounded by what is packaged, since absent files are not remembered.
final class ClassPathFiles {
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"), Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"), Map.entry("json", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"), Map.entry("svg", "image/svg+xml"),
            Map.entry("map", "application/json"), Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("png", "image/png"), Map.entry("ico", "image/x-icon"), Map.entry("webp", "image/webp"),
            Map.entry("jpg", "image/jpeg"), Map.entry("woff2", "font/woff2"), Map.entry("woff", "font/woff"));
    private static final Header GZIP = HeaderValues.createCached("Content-Encoding", "gzip");
    private static final Header VARY = HeaderValues.createCached("Vary", "Accept-Encoding");
    private static final int WORTH_COMPRESSING = 1_400;

    private final String folder;
    private final Map<String, FileContent> kept = new ConcurrentHashMap<>();

    /// @param gzipped null when compressing does not pay
    private record FileContent(Header contentType, byte[] bytes, byte[] gzipped, Header etag) {}

    ClassPathFiles(String folder) {
        this.folder = folder;
    }

    boolean has(String name) {
        return file(name) != null;
    }

    /// The answer for a file, 304 when the client has it already; null when there is no such file.
    Reply find(List<String> segments, Headers request) {
        for (var segment : segments) {
            if (!isPlain(segment)) return null;
        }
        return find(String.join("/", segments), request);
    }

    Reply find(String name, Headers request) {
        var file = file(name);
        if (file == null) return null;
        if (request.contains(HeaderNames.IF_NONE_MATCH)
                && request.get(HeaderNames.IF_NONE_MATCH).get().contains(file.etag().get())) {
            return Reply.page(304, null, new byte[0]).header(file.etag());
        }
        if (file.gzipped() == null) return Reply.page(200, file.contentType(), file.bytes()).header(file.etag());
        var compressed = request.contains(HeaderNames.ACCEPT_ENCODING)
                && request.get(HeaderNames.ACCEPT_ENCODING).get().contains("gzip");
        var reply = Reply.page(200, file.contentType(), compressed ? file.gzipped() : file.bytes())
                .header(file.etag()).header(VARY);
        return compressed ? reply.header(GZIP) : reply;
    }

    /// Names that could lead out of the folder, or to something else than a file, are no names here.
    private static boolean isPlain(String segment) {
        if (segment.isEmpty() || segment.startsWith(".")) return false;
        return segment.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
                || c == '.' || c == '-' || c == '_');
    }

    private FileContent file(String name) {
        var known = kept.get(name);
        if (known != null) return known;
        var dot = name.lastIndexOf('.');
        if (dot < 0 || name.indexOf('/', dot) >= 0) return null;
        var type = TYPES.getOrDefault(name.substring(dot + 1), "application/octet-stream");
        var url = ClassPathFiles.class.getClassLoader().getResource(folder + "/" + name);
        if (url == null || isFolder(url)) return null;
        try (var in = url.openStream()) {
            var bytes = in.readAllBytes();
            var gzipped = isText(type) && bytes.length > WORTH_COMPRESSING ? gzip(bytes) : null;
            var file = new FileContent(HeaderValues.createCached("Content-Type", type), bytes, gzipped,
                    HeaderValues.createCached("ETag", '"' + digest(bytes) + '"'));
            kept.put(name, file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFolder(URL url) {
        try {
            return url.getProtocol().equals("file") && Files.isDirectory(Path.of(url.toURI()));
        } catch (URISyntaxException e) {
            return true;
        }
    }

    private static boolean isText(String type) {
        return type.startsWith("text/") || type.contains("json") || type.contains("svg");
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream(bytes.length / 3);
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every JDK has SHA-256", e);
        }
    }
}
