package io.iotflow.server.configuration;

import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import java.util.function.BiFunction;

/// What configurations must be like, by device type. The query says which type, because a type may have any name.
final class SchemaRoutes {
    private static final String PATH = "configurations/schema";

    private final Schemas schemas;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    SchemaRoutes(Schemas schemas, BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.schemas = schemas;
        this.organizations = organizations;
    }

    void declare(RouteTable table) {
        table.get("configurations/schemas", Access.with(Permission.DEVICES_READ), this::list);
        table.get(PATH, Access.with(Permission.DEVICES_READ), request ->
                shown(schemas.require(organization(request), type(request))));
        table.put(PATH, Access.with(Permission.CONFIGURATIONS_WRITE), this::set);
        table.delete(PATH, Access.with(Permission.CONFIGURATIONS_WRITE), request -> {
            schemas.delete(request.actor(), organization(request), type(request), request.ifMatch());
            return Reply.noContent();
        });
    }

    private Reply list(Request request) {
        var found = schemas.list(request.scope());
        var answer = Json.mapper().createObjectNode();
        var array = answer.putArray("schemas");
        found.forEach(it -> array.add(it.json()));
        return Reply.ok(answer.put("count", found.size()));
    }

    private Reply set(Request request) {
        var fields = Fields.of("", request.json());
        var schema = fields.required("schema");
        fields.end();
        return shown(schemas.set(request.actor(), organization(request), type(request), schema, request.ifMatch()));
    }

    private static Reply shown(Schemas.Kept kept) {
        return Reply.ok(kept.json()).header("ETag", "\"" + kept.revision() + "\"");
    }

    private OrganizationPath organization(Request request) {
        return VersionRoutes.organization(request, organizations);
    }

    private static String type(Request request) {
        return request.query().text("device_type")
                .orElseThrow(() -> PlatformException.invalid("device_type", "is missing"));
    }
}
