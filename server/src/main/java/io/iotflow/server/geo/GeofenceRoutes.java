package io.iotflow.server.geo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;

/// Geofences, as far as the caller may see them.
public final class GeofenceRoutes implements Routes {
    private static final Access READ = Access.with(Permission.RULES_READ);
    private static final Access WRITE = Access.with(Permission.RULES_WRITE);
    private static final String GEOJSON = "application/geo+json";

    private enum Format { JSON, GEOJSON }

    private final Geofences geofences;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public GeofenceRoutes(Geofences geofences, BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.geofences = geofences;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("geofences", READ, this::list);
        table.post("geofences", WRITE, this::create);
        table.get("geofences/{geofence}", READ, request ->
                shown(geofences.require(request.scope(), request.id("geofence"))));
        table.put("geofences/{geofence}", WRITE, this::change);
        table.delete("geofences/{geofence}", WRITE, request -> {
            geofences.delete(request.actor(), request.id("geofence"), request.ifMatch());
            return Reply.noContent();
        });
    }

    private Reply list(Request request) {
        var format = request.query().oneOf("format", Format.JSON);
        var page = geofences.list(request.scope(), Page.Wish.of(request.query()));
        return switch (format) {
            case JSON -> Reply.ok(page.json("geofences", Geofence::json));
            case GEOJSON -> Reply.bytes(GEOJSON, GeoJson.of(page).toString().getBytes(StandardCharsets.UTF_8));
        };
    }

    private static Reply shown(Geofence geofence) {
        return Reply.ok(geofence.json()).header("ETag", geofence.tag());
    }

    private Reply create(Request request) {
        var document = document(request);
        var number = document.remove("organization_id");
        if (number != null && !number.isIntegralNumber()) {
            throw PlatformException.invalid("organization_id", "must be a number");
        }
        var organization = organizations.apply(request.scope(), number == null ? null : number.longValue());
        var content = Content.of(document);
        var made = geofences.create(request.actor(), organization, content.name, content.area);
        return Reply.created(made.json()).header("ETag", made.tag());
    }

    private Reply change(Request request) {
        var document = document(request);
        document.remove("organization_id");
        var content = Content.of(document);
        return shown(geofences.change(request.actor(), request.id("geofence"), request.ifMatch(), content.name,
                content.area));
    }

    /// What was read may be sent back as it is: what the platform itself writes there is left out.
    private static ObjectNode document(Request request) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        return body.deepCopy().remove(List.of("id", "created_at", "updated_at"));
    }

    private record Content(String name, Area area) {
        static Content of(ObjectNode document) {
            if (!StorableText.accepts(document)) {
                throw PlatformException.malformed("The name must not have the character 0 or broken Unicode.");
            }
            var fields = Fields.of("", document);
            var name = fields.requiredText("name", Limits.ACCESS_NAME_CHARACTERS);
            if (!name.equals(name.strip())) throw fields.refusal("name", "must have spaces only between words");
            var content = new Content(name, Area.read(fields));
            fields.end();
            return content;
        }
    }
}
