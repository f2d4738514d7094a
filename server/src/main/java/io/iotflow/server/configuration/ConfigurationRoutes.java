package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.function.BiFunction;

/// What a device does about its own configuration; with it the calls of those who run devices.
public final class ConfigurationRoutes implements Routes {
    private final Configurations configurations;
    private final VersionRoutes versions;
    private final DriftRoutes drift;
    private final SchemaRoutes schemas;

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public ConfigurationRoutes(DeviceRegistry registry, Configurations configurations,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.configurations = configurations;
        versions = new VersionRoutes(registry, configurations, organizations);
        drift = new DriftRoutes(configurations);
        schemas = new SchemaRoutes(configurations.schemas(), organizations);
    }

    @Override
    public void declare(RouteTable table) {
        table.get("devices/config", Access.DEVICE, this::show);
        table.post("devices/config", Access.DEVICE, request -> set(configurations, request, request.device().id()));
        table.post("devices/config/ack", Access.DEVICE, request ->
                record(request, Report.acknowledgement(Fields.of("", request.json()))));
        table.post("devices/config/report", Access.DEVICE, request ->
                record(request, Report.of(Fields.of("", request.json()))));
        versions.declare(table);
        drift.declare(table);
        schemas.declare(table);
    }

    private Reply show(Request request) {
        var active = configurations.active(request.scope(), request.device().id());
        var answer = JsonNodeFactory.instance.objectNode().put("status", "success")
                .put("device_id", active.device().value()).put("version", active.version())
                .put("hash", active.hash());
        answer.set("configuration", active.entries());
        return Reply.ok(answer).header("ETag", "\"" + active.version() + "\"");
    }

    /// One key.
    static Reply set(Configurations configurations, Request request, DeviceId device) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be a JSON object.");
        }
        var key = body.path("config_key");
        if (!key.isTextual()) throw PlatformException.invalid("config_key", "must be text");
        var value = body.get("config_value");
        if (value == null) throw PlatformException.invalid("config_value", "is missing");
        var word = body.path("data_type");
        if (!word.isMissingNode() && !word.isNull() && !word.isTextual()) {
            throw PlatformException.invalid("data_type", "must be text");
        }
        var type = word.isTextual() ? DataType.of(word.textValue()) : DataType.of(value);
        var made = configurations.set(request.actor(), device, key.textValue(), value, type);
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Configuration set")
                .put("device_id", device.value()).put("version", made.version());
        answer.set("configuration", configurations.active(request.scope(), device).entries());
        return Reply.created(answer);
    }

    private Reply record(Request request, Report report) {
        var state = configurations.record(request.scope(), request.device().id(), report);
        return Reply.ok(JsonNodeFactory.instance.objectNode().put("status", "success")
                .put("device_id", state.device().value()).put("version", state.version())
                .put("drift", state.drift().word()));
    }
}
