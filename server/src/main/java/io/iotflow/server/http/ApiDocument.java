package io.iotflow.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// `/openapi.yaml`, and the same as JSON.
final class ApiDocument implements Routes {
    private final byte[] yaml = read();
    private volatile byte[] json;

    @Override
    public void declare(RouteTable table) {
        var outside = table.outside();
        outside.get("/openapi.yaml", Access.PUBLIC, _ -> Reply.bytes("application/yaml", yaml));
        outside.get("/openapi.json", Access.PUBLIC, _ -> Reply.json(200, json()));
    }

    private byte[] json() {
        var made = json;
        if (made == null) {
            var tree = new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build())
                    .loadFromInputStream(new java.io.ByteArrayInputStream(yaml));
            json = made = Json.bytes(tree);
        }
        return made;
    }

    private static byte[] read() {
        try (var in = ApiDocument.class.getResourceAsStream("/openapi.yaml")) {
            if (in == null) throw new IllegalStateException("BUG: openapi.yaml is not packaged");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
