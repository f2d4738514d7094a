package io.iotflow.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Holds a running platform to its own OpenAPI document: sends documented requests with their documented examples and
/// checks status, content type and body of each answer against the document.
///
/// The document is the one that the platform serves, so what is checked is what users read.
public final class OpenApiContract implements AutoCloseable {
    private static final String DOCUMENT = "https://iotflow.invalid/openapi.json";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;
    private final JsonNode document;
    private final SchemaRegistry schemas;

    /// One documented call.
    public record Operation(String method, String path, String id, JsonNode about, JsonNode parameters) {
        public boolean isEndless() {
            return about.path("x-endless").asBoolean();
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /// One request of an operation, from one of its examples.
    ///
    /// @param body null for none
    public record Example(Operation operation, String name, String contentType, String body) {
        @Override
        public String toString() {
            return operation + (name.isEmpty() ? "" : " (" + contentType + ", " + name + ")");
        }
    }

    public OpenApiContract(URI base) {
        this.base = base;
        var text = get("/openapi.json");
        try {
            this.document = JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(Map.of(DOCUMENT, text)));
    }

    /// Every documented call, in the order of the document.
    public List<Operation> operations() {
        var found = new ArrayList<Operation>();
        for (var path : document.path("paths").properties()) {
            for (var method : path.getValue().properties()) {
                if (!METHODS.contains(method.getKey())) continue;
                var parameters = JSON.createArrayNode();
                path.getValue().path("parameters").forEach(it -> parameters.add(resolve(it)));
                method.getValue().path("parameters").forEach(it -> parameters.add(resolve(it)));
                found.add(new Operation(method.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey(),
                        method.getValue().path("operationId").asText(), method.getValue(), parameters));
            }
        }
        return found;
    }

    /// `GET /health` for each documented call.
    public Set<String> documented() {
        var names = new TreeSet<String>();
        operations().forEach(operation -> names.add(operation.toString()));
        return names;
    }

    /// What the document says of a call; missing if it says nothing.
    public JsonNode about(String method, String path) {
        return document.path("paths").path(path).path(method.toLowerCase(java.util.Locale.ROOT));
    }

    /// The requests of one call: one for each documented example of its body, or one without a body.
    public List<Example> examples(Operation operation) {
        var found = new ArrayList<Example>();
        for (var content : resolve(operation.about().path("requestBody")).path("content").properties()) {
            var type = content.getKey();
            if (content.getValue().has("example")) {
                found.add(new Example(operation, "example", type, text(content.getValue().path("example"))));
            }
            for (var named : content.getValue().path("examples").properties()) {
                found.add(new Example(operation, named.getKey(), type, text(named.getValue().path("value"))));
            }
        }
        return found.isEmpty() ? List.of(new Example(operation, "", "", null)) : found;
    }

    /// Sends one example and says what in the answer is not as documented; empty when all is.
    ///
    /// @param values  what stands for path parameters and required query parameters; the documented example where a
    ///                name is missing here
    /// @param headers name and value in turn, such as the credentials
    /// @param status  the status that is expected
    public List<String> check(Example example, Map<String, String> values, int status, String... headers) {
        var request = HttpRequest.newBuilder(base.resolve(target(example.operation(), values)))
                .timeout(Duration.ofSeconds(20))
                .method(example.operation().method(), example.body() == null ? BodyPublishers.noBody()
                        : BodyPublishers.ofString(example.body()));
        if (headers.length > 0) request.headers(headers);
        if (example.body() != null) request.header("Content-Type", example.contentType());
        var answer = send(request.build());
        if (answer.statusCode() != status) {
            return List.of("answered " + answer.statusCode() + ", not " + status + ": " + answer.body());
        }
        return differences(example.operation(), answer);
    }

    /// What of an answer is not as its operation documents.
    public List<String> differences(Operation operation, HttpResponse<String> answer) {
        var responses = operation.about().path("responses");
        var documented = responses.path(Integer.toString(answer.statusCode()));
        if (documented.isMissingNode()) documented = responses.path("default");
        if (documented.isMissingNode()) return List.of("status " + answer.statusCode() + " is not documented");
        var contents = resolve(documented).path("content");
        if (contents.isEmpty()) return answer.body().isEmpty() ? List.of() : List.of("a body is not documented");
        var type = answer.headers().firstValue("Content-Type").orElse("").split(";")[0].strip();
        var content = contents.path(type);
        if (content.isMissingNode()) return List.of("content type '" + type + "' is not documented");
        if (!type.endsWith("json")) return List.of();
        return against(pointer(operation, documented, answer.statusCode(), responses, type), answer.body());
    }

    /// Checks the document's own examples against its schemas, so that what it shows is what it says.
    public List<String> wrongExamples() {
        var wrong = new ArrayList<String>();
        for (var operation : operations()) {
            for (var example : examples(operation)) {
                if (!example.contentType().equals("application/json")) continue;
                var body = operation.about().path("requestBody");
                var at = body.has("$ref") ? body.path("$ref").asText() : pointer(operation) + "/requestBody";
                against(at + "/content/application~1json/schema", example.body())
                        .forEach(why -> wrong.add(example + ": " + why));
            }
            for (var response : operation.about().path("responses").properties()) {
                for (var content : resolve(response.getValue()).path("content").properties()) {
                    var shown = content.getValue().path("example");
                    if (shown.isMissingNode() || !content.getKey().endsWith("json")) continue;
                    var at = response.getValue().has("$ref") ? response.getValue().path("$ref").asText()
                            : pointer(operation) + "/responses/" + response.getKey();
                    against(at + "/content/" + escape(content.getKey()) + "/schema", text(shown))
                            .forEach(why -> wrong.add(operation + " " + response.getKey() + ": " + why));
                }
            }
        }
        return wrong;
    }

    private static String pointer(Operation operation, JsonNode documented, int status, JsonNode responses,
            String type) {
        var key = responses.has(Integer.toString(status)) ? Integer.toString(status) : "default";
        var at = documented.has("$ref") ? documented.path("$ref").asText() : pointer(operation) + "/responses/" + key;
        return at + "/content/" + escape(type) + "/schema";
    }

    private static String pointer(Operation operation) {
        return "#/paths/" + escape(operation.path()) + "/" + operation.method().toLowerCase(java.util.Locale.ROOT);
    }

    /// As a part of a JSON pointer in a URI's fragment.
    private static String escape(String part) {
        return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D");
    }

    private List<String> against(String pointer, String body) {
        // Asked for by its place, each part would come with a copy of the whole document of its own.
        Schema schema = schemas.getSchema(JSON.createObjectNode().put("$ref", DOCUMENT + pointer));
        return schema.validate(body, InputFormat.JSON, context -> context.executionConfig(config ->
                config.formatAssertionsEnabled(true))).stream().map(Object::toString).toList();
    }

    private String target(Operation operation, Map<String, String> values) {
        var path = operation.path();
        var query = new LinkedHashMap<String, String>();
        for (var parameter : operation.parameters()) {
            var name = parameter.path("name").asText();
            var value = values.getOrDefault(name, text(parameter.path("example")));
            switch (parameter.path("in").asText()) {
                case "path" -> path = path.replace("{" + name + "}", encode(value));
                case "query" -> {
                    if (!parameter.path("example").isMissingNode() || values.containsKey(name)) query.put(name, value);
                }
                default -> {}
            }
        }
        var text = new StringBuilder(path);
        query.forEach((name, value) -> text.append(text.indexOf("?") < 0 ? '?' : '&').append(name).append('=')
                .append(encode(value)));
        return text.toString();
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String text(JsonNode value) {
        if (value.isArray() && !value.isEmpty() && value.get(0).isTextual()) {
            var items = new ArrayList<String>();
            value.forEach(item -> items.add(item.asText()));
            return String.join(",", items);
        }
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    private JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    private String get(String path) {
        return send(HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(20)).build()).body();
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
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
