package io.iotflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/// Puts firmware onto a running platform, as an operator does.
public final class TestFirmware implements AutoCloseable {
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;
    private final String authorization;

    /// @param authorization of the operator
    public TestFirmware(URI base, String authorization) {
        this.base = base;
        this.authorization = authorization;
    }

    public static TestFirmware on(TestPlatform platform) {
        return new TestFirmware(URI.create("http://127.0.0.1:" + platform.platform().httpPort()),
                "admin " + TestPlatform.TOKEN);
    }

    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The number of an announced image.
    ///
    /// @param more further fields, each with a comma before it
    public String announced(String version, byte[] content, String more) {
        return json("POST", "/api/v1/firmware", ("{'name':'lamp','version':'" + version + "','size':" + content.length
                + ",'sha256':'" + sha256(content) + "'" + more + "}").replace('\'', '"').getBytes(
                StandardCharsets.UTF_8)).path("id").asText();
    }

    public HttpResponse<byte[]> upload(String id, byte[] bytes, String... headers) {
        return send("PUT", "/api/v1/firmware/" + id + "/content", bytes, headers);
    }

    /// The number of an image that may be offered.
    public String ready(String version, byte[] content, String more) {
        var id = announced(version, content, more);
        upload(id, content);
        json("POST", "/api/v1/firmware/" + id + "/finish", new byte[0]);
        return id;
    }

    /// What is answered with success.
    public JsonNode json(String method, String path, byte[] body) {
        var answer = send(method, path, body);
        try {
            if (answer.statusCode() / 100 != 2) {
                throw new AssertionError(path + " answers " + new String(answer.body(), StandardCharsets.UTF_8));
            }
            return Json.mapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// With the operator's credential unless the headers have another one.
    ///
    /// @param headers name and value in turn
    public HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) {
        var request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(20))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) request.headers(headers);
        var hasOwn = String.join(" ", headers).matches(".*(X-API-Key|Authorization|none).*");
        if (!hasOwn) request.header("Authorization", authorization);
        try {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
