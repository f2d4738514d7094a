package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.processing.ProcessingStore.Row;
import io.iotflow.server.telemetry.SeriesCatalogue;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiFunction;

/// Processing rules, and trying them before use.
public final class ProcessingRoutes implements Routes {
    /// What a rule is tried on when no device is named.
    private static final Device NOBODY = new Device(new DeviceId(Long.MAX_VALUE), OrganizationPath.ROOT, "", "", "",
            "", "", "", JsonNodeFactory.instance.objectNode(), JsonNodeFactory.instance.arrayNode(), "",
            DeviceStatus.ACTIVE, Optional.empty(), 0, Instant.EPOCH, Instant.EPOCH);

    private final ProcessingRules rules;
    private final DeviceRegistry devices;
    private final SeriesCatalogue series;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizationNamed;
    private final InstantSource clock;

    /// @param organizationNamed the organization of a number within a scope; the scope itself for null
    public ProcessingRoutes(ProcessingRules rules, DeviceRegistry devices, SeriesCatalogue series,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizationNamed, InstantSource clock) {
        this.rules = rules;
        this.devices = devices;
        this.series = series;
        this.organizationNamed = organizationNamed;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("processing-rules", Access.with(Permission.RULES_READ), this::list);
        table.post("processing-rules", Access.with(Permission.RULES_WRITE), this::create);
        table.post("processing-rules/test", Access.with(Permission.RULES_WRITE), this::tryNew);
        var one = "processing-rules/{processing_rule}";
        table.get(one, Access.with(Permission.RULES_READ), this::show);
        table.put(one, Access.with(Permission.RULES_WRITE), this::change);
        table.delete(one, Access.with(Permission.RULES_WRITE), this::delete);
        table.get(one + "/versions", Access.with(Permission.RULES_READ), this::versions);
        table.post(one + "/test", Access.with(Permission.RULES_WRITE), this::tryKept);
    }

    private Reply list(Request request) {
        return Reply.ok(rules.list(request.scope(), Page.Wish.of(request.query()))
                .json("processing_rules", this::json));
    }

    private Reply create(Request request) {
        var body = request.json();
        var content = RuleDocument.read(body);
        var organization = organizationNamed.apply(request.scope(), organizationId(body));
        var made = rules.create(request.actor(), organization, content);
        return tagged(Reply.created(json(made)), made);
    }

    private static Long organizationId(JsonNode body) {
        var id = body.path("organization_id");
        if (id.isMissingNode() || id.isNull()) return null;
        if (id.isIntegralNumber() && id.canConvertToLong()) return id.longValue();
        throw PlatformException.invalid("organization_id", "must be a whole number");
    }

    private Reply show(Request request) {
        var row = rules.require(request.scope(), request.id("processing_rule"));
        return tagged(Reply.ok(json(row)), row);
    }

    private Reply change(Request request) {
        var id = request.id("processing_rule");
        var row = rules.require(request.scope(), id);
        var body = request.json();
        var organization = organizationId(body);
        if (organization != null && organization != row.organization().id()) {
            throw PlatformException.invalid("organization_id", "cannot change; make a new rule there");
        }
        var changed = rules.change(request.actor(), id, request.ifMatch(), RuleDocument.read(body));
        return tagged(Reply.ok(json(changed)), changed);
    }

    private Reply delete(Request request) {
        rules.delete(request.actor(), request.id("processing_rule"), request.ifMatch());
        return Reply.noContent();
    }

    private Reply versions(Request request) {
        return Reply.ok(rules.versions(request.scope(), request.id("processing_rule"), Page.Wish.of(request.query()))
                .json("versions", version -> Json.mapper().createObjectNode().put("version", version.version())
                        .put("author", version.author()).put("created_at", version.createdAt().toString())
                        .set("rule", version.content())));
    }

    // ---- trying

    private Reply tryNew(Request request) {
        var body = request.json();
        if (!body.path("rule").isObject()) throw PlatformException.invalid("rule", "must be the rule to try");
        return tried(request, body, request.scope(), RuleDocument.read(body.path("rule")));
    }

    private Reply tryKept(Request request) {
        var row = rules.require(request.scope(), request.id("processing_rule"));
        return tried(request, request.json(), row.organization(), RuleDocument.read(row.content()));
    }

    private Reply tried(Request request, JsonNode body, OrganizationPath organization,
            ProcessingRule.Content content) {
        var name = body.path("device");
        if (!name.isMissingNode() && !name.isNull() && !name.isTextual() && !name.isIntegralNumber()) {
            throw PlatformException.invalid("device", "must be a device's id or name");
        }
        var device = name.isValueNode() && !name.isNull()
                ? Optional.of(devices.require(request.caller(), name.asText())) : Optional.<Device>empty();
        var now = clock.instant();
        var rule = new ProcessingRule(0, organization, 1, content, now, now);
        var run = new DryRun(rule, device.orElse(NOBODY), SeriesGuard.onlyLooking(series), now);
        var answer = Json.mapper().createObjectNode();
        answer.put("concerns_device", device.map(rules::facts).map(rule::concerns).orElse(null));
        answer.set("messages", run.run(DryRun.Wish.of(body)));
        return Reply.ok(answer);
    }

    // ---- reading and writing

    private static Reply tagged(Reply reply, Row row) {
        return reply.header("ETag", "\"" + row.version() + "\"");
    }

    private ObjectNode json(Row row) {
        var json = Json.mapper().createObjectNode().put("id", row.id())
                .put("organization_id", row.organization().id()).put("version", row.version());
        json.setAll(row.content());
        var faults = rules.faultsOf(row.id());
        return json.put("faults", faults == null ? 0 : faults.count())
                .put("last_fault", faults == null || faults.count() == 0 ? null : faults.last())
                .put("created_at", row.createdAt().toString()).put("updated_at", row.updatedAt().toString());
    }
}
