package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.action.Action;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Alert rules, as far as the caller may see them.
public final class RuleRoutes implements Routes {
    /// Fields of a rule that nobody else writes.
    static final List<String> WRITTEN_BY_US = List.of("id", "version", "created_at", "updated_at", "faults");

    private static final Access READ = Access.with(Permission.RULES_READ);
    private static final Access WRITE = Access.with(Permission.RULES_WRITE);

    private final Rules rules;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public RuleRoutes(Rules rules, BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.rules = rules;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("rules", READ, request -> Reply.ok(rules.list(request.scope(), Page.Wish.of(request.query()))
                .json("rules", this::json)));
        table.post("rules", WRITE, request -> create(request, document(request)));
        table.get("rules/{rule}", READ, request -> answer(Reply::ok,
                rules.require(request.scope(), request.id("rule"))));
        table.put("rules/{rule}", WRITE, this::update);
        table.delete("rules/{rule}", WRITE, this::delete);
        table.get("rules/{rule}/versions", READ, this::versions);
    }

    private ObjectNode json(Rule rule) {
        return rule.json().put("faults", rules.faults(rule));
    }

    private Reply answer(Function<ObjectNode, Reply> reply, Rule rule) {
        return reply.apply(json(rule)).header("ETag", "\"" + rule.version() + "\"");
    }

    /// Keeps a new rule.
    Reply create(Request request, ObjectNode document) {
        requirePermissions(request.caller(), document);
        var number = document.remove("organization_id");
        if (number != null && !number.isIntegralNumber()) {
            throw PlatformException.invalid("organization_id", "must be a number");
        }
        var organization = organizations.apply(request.scope(), number == null ? null : number.longValue());
        var made = rules.create(request.actor(), organization, document);
        return answer(Reply::created, made);
    }

    private Reply update(Request request) {
        var document = document(request);
        document.remove("organization_id");
        requirePermissions(request.caller(), document);
        var changed = rules.update(request.actor(), request.id("rule"), request.ifMatch(), document);
        return answer(Reply::ok, changed);
    }

    /// A rule does nothing that the one who saves it may not do.
    public static void requirePermissions(Caller caller, ObjectNode document) {
        for (var needed : Action.permissions(document)) {
            if (caller instanceof Caller.User user && user.may(needed)) continue;
            throw new PlatformException(ErrorCode.FORBIDDEN, "An action of this rule needs the permission "
                    + needed.word() + ", which whoever saves it does not have.");
        }
    }

    private Reply delete(Request request) {
        rules.delete(request.actor(), request.id("rule"));
        return Reply.noContent();
    }

    private Reply versions(Request request) {
        var answer = Json.mapper().createObjectNode();
        var list = answer.putArray("versions");
        for (var version : rules.versions(request.scope(), request.id("rule"))) {
            list.addObject().put("version", version.version()).put("author", version.author())
                    .put("created_at", version.createdAt().toString()).set("rule", version.document());
        }
        return Reply.ok(answer.put("count", list.size()));
    }

    /// What was read may be sent back as it is: what the platform itself writes there is left out.
    static ObjectNode document(Request request) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        ObjectNode document = body.deepCopy();
        document.remove(WRITTEN_BY_US);
        return document;
    }
}
