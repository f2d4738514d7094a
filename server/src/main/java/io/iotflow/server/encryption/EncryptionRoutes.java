package io.iotflow.server.encryption;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.encryption.KeyStore.Version;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.List;
import java.util.function.BiFunction;

/// What is sensitive, and the keys that seal it.
public final class EncryptionRoutes implements Routes {
    private final SensitiveFields fields;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizationNamed;

    record Names(List<String> metrics, List<String> metadata, Long organizationId) {}

    record Which(Long organizationId) {}

    /// @param organizationNamed the organization of a number within a scope; the scope itself for null
    public EncryptionRoutes(SensitiveFields fields,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizationNamed) {
        this.fields = fields;
        this.organizationNamed = organizationNamed;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("encryption", Access.with(Permission.ENCRYPTION_READ), this::show);
        table.put("encryption", Access.with(Permission.ENCRYPTION_WRITE), this::change);
        table.post("encryption/rotate", Access.with(Permission.ENCRYPTION_WRITE), this::rotate);
        table.post("encryption/destroy", Access.with(Permission.ENCRYPTION_WRITE), this::destroy);
    }

    private Reply show(Request request) {
        var organization = organizationNamed.apply(request.scope(), request.query().text("organization_id")
                .map(text -> (long) request.query().whole("organization_id", 0, 1, Integer.MAX_VALUE)).orElse(null));
        return answer(organization, fields.state(organization));
    }

    private Reply change(Request request) {
        var wish = request.json(Names.class);
        var organization = organizationNamed.apply(request.scope(), wish.organizationId());
        return answer(organization, fields.name(request.actor(), organization,
                SensitiveNames.checked(wish.metrics(), wish.metadata())));
    }

    private Reply rotate(Request request) {
        var organization = organizationNamed.apply(request.scope(),
                request.hasBody() ? request.json(Which.class).organizationId() : null);
        return answer(organization, fields.rotate(request.actor(), organization));
    }

    /// It cannot be undone, so it names its organization, even the caller's own.
    private Reply destroy(Request request) {
        var id = request.json(Which.class).organizationId();
        if (id == null) throw PlatformException.invalid("organization_id", "is missing: say whose keys to destroy");
        var organization = organizationNamed.apply(request.scope(), id);
        var versions = fields.destroy(request.actor(), organization);
        var answer = Json.mapper().createObjectNode().put("organization_id", organization.id());
        versions.forEach(answer.putArray("destroyed_versions")::add);
        return Reply.ok(answer.put("message", versions.isEmpty() ? "There was no key to destroy."
                : "What these keys have sealed cannot be opened any more, not from backups of telemetry either. A"
                + " backup of the database opens it as long as its master key exists: rotate the master key."));
    }

    private static Reply answer(OrganizationPath organization, SensitiveFields.State state) {
        var answer = names(Json.mapper().createObjectNode().put("organization_id", organization.id()), state.own());
        answer.set("inherited", names(Json.mapper().createObjectNode(), state.inherited()));
        var sealing = state.keys().stream().filter(key -> key.retiredAt().isEmpty()).findFirst();
        answer.set("key", sealing.map(key -> json(key, false)).orElse(null));
        var keys = answer.putArray("keys");
        state.keys().forEach(key -> keys.add(json(key, true)));
        return Reply.ok(answer);
    }

    private static ObjectNode names(ObjectNode into, SensitiveNames names) {
        names.metrics().forEach(into.putArray("metrics")::add);
        names.metadata().forEach(into.putArray("metadata")::add);
        return into;
    }

    private static ObjectNode json(Version key, boolean isWhole) {
        var json = Json.mapper().createObjectNode().put("version", key.version())
                .put("created_at", key.createdAt().toString());
        if (!isWhole) return json;
        json.put("retired_at", key.retiredAt().map(Object::toString).orElse(null));
        return json.put("destroyed_at", key.destroyedAt().map(Object::toString).orElse(null));
    }
}
