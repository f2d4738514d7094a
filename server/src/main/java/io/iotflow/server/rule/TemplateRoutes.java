package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.List;

/// Rules that many need, ready but for a few values.
public final class TemplateRoutes implements Routes {
    private static final List<String> TAKEN_OVER = List.of("name", "description", "scope", "mode", "severity",
            "actions", "organization_id");

    private final RuleRoutes rules;

    public TemplateRoutes(RuleRoutes rules) {
        this.rules = rules;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("rules/templates", Access.with(Permission.RULES_READ), _ -> list());
        table.post("rules/templates/{template}", Access.with(Permission.RULES_WRITE), this::create);
    }

    private static Reply list() {
        var answer = Json.mapper().createObjectNode();
        var list = answer.putArray("templates");
        for (var template : RuleTemplate.ALL.values()) list.add(template.json());
        return Reply.ok(answer.put("count", list.size()));
    }

    /// What the body says beside the parameters takes the place of what the template says.
    private Reply create(Request request) {
        var template = RuleTemplate.require(request.parameter("template"));
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        var given = body.path("parameters");
        if (!given.isObject() && !given.isMissingNode() && !given.isNull()) {
            throw PlatformException.invalid("parameters", "must be an object");
        }
        var document = template.filled(given.isObject() ? (ObjectNode) given : body.objectNode());
        body.properties().forEach(field -> {
            if (field.getKey().equals("parameters")) return;
            if (!TAKEN_OVER.contains(field.getKey())) {
                throw PlatformException.invalid(field.getKey(), "is not a field here; there are parameters, "
                        + String.join(", ", TAKEN_OVER));
            }
            document.set(field.getKey(), field.getValue());
        });
        return rules.create(request, document);
    }
}
