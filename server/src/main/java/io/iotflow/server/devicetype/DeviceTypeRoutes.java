package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.devicetype.DeviceTypes.Extras;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.List;
import java.util.function.BiFunction;

/// The catalogue of device types, as far as the caller may see it.
public final class DeviceTypeRoutes implements Routes {
    private static final Access READ = Access.with(Permission.DEVICES_READ);
    private static final Access WRITE = Access.with(Permission.DEVICES_WRITE);
    private static final String ONE = "device-types/{device_type}";
    private static final List<String> WRITTEN_BY_US =
            List.of("id", "version", "inherited", "faults", "last_fault", "created_at", "updated_at");

    private final DeviceTypes types;
    private final RuleMaking rules;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public DeviceTypeRoutes(DeviceTypes types, RuleMaking rules,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.types = types;
        this.rules = rules;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("device-types", READ, request -> Reply.ok(types.list(request.scope(), Page.Wish.of(request.query()))
                .json("device_types", type -> type.json(request.scope()))));
        table.post("device-types", WRITE, this::create);
        table.get(ONE, READ, this::show);
        table.put(ONE, WRITE, this::change);
        table.delete(ONE, WRITE, request -> {
            var type = asked(request);
            requireDefaults(request, Json.mapper().createObjectNode(), type.defaultConfiguration());
            types.delete(request.actor(), type, request.ifMatch());
            return Reply.noContent();
        });
        table.get(ONE + "/versions", READ, this::versions);
    }

    private DeviceType asked(Request request) {
        return types.require(request.scope(), request.parameter("device_type"));
    }

    private Reply show(Request request) {
        var type = asked(request);
        return answer(Reply.ok(whole(request, type)), type);
    }

    private Reply create(Request request) {
        var document = document(request);
        var number = document.remove("organization_id");
        if (number != null && !number.isIntegralNumber()) {
            throw PlatformException.invalid("organization_id", "must be a number");
        }
        var organization = organizations.apply(request.scope(), number == null ? null : number.longValue());
        var extras = extras(request, document);
        var content = TypeContent.read(document);
        requireRules(request, content, false, extras);
        requireDefaults(request, content.defaultConfiguration(), Json.mapper().createObjectNode());
        var made = types.create(request.actor(), organization, content, extras);
        return answer(Reply.created(whole(request, made)), made);
    }

    private Reply change(Request request) {
        var known = asked(request);
        var document = document(request);
        document.remove("organization_id");
        var extras = extras(request, document);
        var content = TypeContent.read(document);
        var isSameDecoder = content.document().path("decoder").equals(known.content().document().path("decoder"));
        requireRules(request, content, isSameDecoder, extras);
        requireDefaults(request, content.defaultConfiguration(), known.defaultConfiguration());
        var changed = types.change(request.actor(), known, request.ifMatch(), content, extras);
        return answer(Reply.ok(whole(request, changed)), changed);
    }

    /// Whoever makes rules by way of a type must be allowed to make rules, and to do what they do.
    private void requireRules(Request request, TypeContent content, boolean isSameDecoder, Extras extras) {
        extras.rules().forEach(rule -> rules.requirePermissions(request.caller(), rule));
        var needs = !extras.rules().isEmpty() || content.hasDecoder() && !isSameDecoder;
        if (!needs || may(request, Permission.RULES_WRITE)) return;
        throw new PlatformException(ErrorCode.FORBIDDEN,
                "A decoder and rules of a type need the permission rules:write; leave them out, or ask for it.");
    }

    /// Devices are set to what their type says.
    private static void requireDefaults(Request request, ObjectNode after, ObjectNode before) {
        if (after.equals(before) || may(request, Permission.CONFIGURATIONS_WRITE)) return;
        throw new PlatformException(ErrorCode.FORBIDDEN, "Another default configuration needs the permission "
                + "configurations:write; leave default_configuration as it is, or ask for it.");
    }

    private static boolean may(Request request, Permission permission) {
        return request.caller() instanceof Caller.User user && user.may(permission);
    }

    private Reply versions(Request request) {
        return Reply.ok(types.versions(request.scope(), asked(request), Page.Wish.of(request.query()))
                .json("versions", version -> Json.mapper().createObjectNode().put("version", version.version())
                        .put("author", version.author()).put("created_at", version.createdAt().toString())
                        .set("device_type", version.content())));
    }

    private static Reply answer(Reply reply, DeviceType type) {
        return reply.header("ETag", type.tag());
    }

    /// With the rules for it, as far as the caller may see them.
    private ObjectNode whole(Request request, DeviceType type) {
        var json = type.json(request.scope());
        if (may(request, Permission.RULES_READ)) {
            var list = json.putArray("rules");
            types.rules(request.scope(), type)
                    .forEach(it -> list.addObject().put("id", it.id()).put("name", it.name()));
        }
        return json;
    }

    /// What was read may be sent back as it is: what the platform itself writes there is left out.
    private static ObjectNode document(Request request) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        return body.deepCopy().remove(WRITTEN_BY_US);
    }

    /// Takes the rules out of the document. Those with a number are there already.
    private static Extras extras(Request request, ObjectNode document) {
        var wanted = Fields.of("", document).list("rules", FleetLimits.TYPE_RULES, DeviceTypeRoutes::rule);
        document.remove("rules");
        return new Extras(wanted.stream().filter(rule -> !rule.has("id")).toList(),
                may(request, Permission.ENCRYPTION_WRITE));
    }

    private static ObjectNode rule(String path, JsonNode node) {
        if (!(node instanceof ObjectNode rule)) throw PlatformException.invalid(path, "must be an alert rule");
        var scope = rule.path("scope");
        if (!scope.isMissingNode() && !scope.isNull() && !scope.isObject()) {
            throw PlatformException.invalid(path + ".scope", "must be an object");
        }
        if (scope.has("device_types")) {
            throw PlatformException.invalid(path + ".scope.device_types", "is this type; leave it out");
        }
        ObjectNode made = rule.deepCopy();
        if (scope.isNull()) made.remove("scope");
        return made;
    }
}
