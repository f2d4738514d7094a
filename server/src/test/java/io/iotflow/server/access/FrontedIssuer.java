package io.iotflow.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.iotflow.server.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/// A real OpenID issuer, `dashboard/dev/issuer.mjs`, behind a front that passes everything on. The front is what an
/// attacker on the issuer's side could be: it may be down, answer in the issuer's place, and put another ID token into
/// an answer, signed with a key that it adds to the issuer's.
final class FrontedIssuer implements AutoCloseable {
    static final String CLIENT = "iotflow";
    static final String SECRET = "a secret: with 100% of what must be encoded";
    private static final Path SCRIPT = Path.of("..", "dashboard", "dev", "issuer.mjs");
    private static final Set<String> NOT_PASSED_ON = Set.of("connection", "content-length", "host", "upgrade",
            "transfer-encoding", "date");

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpServer front;
    private final Process process;
    private final int port;
    /// One that the issuer publishes, as far as anybody can tell, and one that it does not until told.
    final PublicJsonWebKey key = key("front");
    final PublicJsonWebKey later = key("later");
    volatile boolean isDown;
    volatile boolean publishesLater;
    volatile Function<ObjectNode, String> token;
    volatile Map<String, String> instead = Map.of();

    FrontedIssuer(String redirectUri, String roles) throws IOException {
        front = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        front.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        front.createContext("/", this::answer);
        front.start();
        var builder = new ProcessBuilder("node", SCRIPT.getFileName().toString())
                .directory(SCRIPT.getParent().toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(Map.of("ISSUER", issuer(), "REDIRECT_URI", redirectUri, "CLIENT_SECRET", SECRET,
                "ROLES", roles));
        process = builder.start();
        var said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                .lines().filter(line -> line.startsWith("listening ")).findFirst().orElseThrow(() ->
                        new AssertionError("the issuer did not start; is " + SCRIPT + " runnable?"));
        port = Integer.parseInt(said.substring("listening ".length()));
    }

    static boolean isInstalled() {
        return Files.isDirectory(Path.of("..", "dashboard", "node_modules", "oidc-provider"));
    }

    String issuer() {
        return "http://127.0.0.1:" + front.getAddress().getPort();
    }

    String signed(JsonNode claims, PublicJsonWebKey with, String algorithm) {
        try {
            var signature = new JsonWebSignature();
            signature.setPayload(claims.toString());
            signature.setKey(with.getPrivateKey());
            signature.setKeyIdHeaderValue(with.getKeyId());
            signature.setAlgorithmHeaderValue(algorithm);
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PublicJsonWebKey key(String id) {
        try {
            var made = RsaJwkGenerator.generateJwk(2048);
            made.setKeyId(id);
            return made;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (isDown) return;
            var path = exchange.getRequestURI().getPath();
            var own = instead.get(path);
            if (own != null) {
                var bytes = own.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
                return;
            }
            passOn(exchange, path);
        }
    }

    private void passOn(HttpExchange exchange, String path) throws IOException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(exchange.getRequestBody()
                        .readAllBytes()));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (isPassedOn(name)) values.forEach(value -> request.header(name, value));
        });
        request.header("X-Forwarded-Proto", "http").header("X-Forwarded-Host", issuer().substring("http://".length()));
        try {
            var answer = client.send(request.build(), BodyHandlers.ofByteArray());
            answer.headers().map().forEach((name, values) -> {
                if (isPassedOn(name)) exchange.getResponseHeaders().put(name, values);
            });
            var body = changed(path, answer.body());
            exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private byte[] changed(String path, byte[] body) throws IOException {
        if (path.equals("/jwks")) {
            var keys = (ObjectNode) Json.mapper().readTree(body);
            keys.withArray("keys").add(Json.mapper().readTree(key.toJson()));
            if (publishesLater) keys.withArray("keys").add(Json.mapper().readTree(later.toJson()));
            return Json.mapper().writeValueAsBytes(keys);
        }
        var other = token;
        if (!path.equals("/token") || other == null) return body;
        var answer = (ObjectNode) Json.mapper().readTree(body);
        var claims = Base64.getUrlDecoder().decode(answer.path("id_token").asText().split("\\.")[1]);
        answer.put("id_token", other.apply((ObjectNode) Json.mapper().readTree(claims)));
        return Json.mapper().writeValueAsBytes(answer);
    }

    private static boolean isPassedOn(String name) {
        return !NOT_PASSED_ON.contains(name.toLowerCase(java.util.Locale.ROOT));
    }

    @Override
    public void close() {
        client.shutdownNow();
        front.stop(0);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
