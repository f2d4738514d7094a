package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;

/// A device reads its configuration; it and operators set keys of it.
public final class ConfigurationRoutes implements Routes {
    private final DeviceRegistry registry;
    private final Configurations configurations;

    public ConfigurationRoutes(DeviceRegistry registry, Configurations configurations) {
        this.registry = registry;
        this.configurations = configurations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("devices/config", Access.DEVICE, request -> show(request, request.device().id()));
        table.post("devices/config", Access.DEVICE, request -> set(request, request.device().id()));
        table.post("devices/{device}/configurations", Access.with(Permission.CONFIGURATIONS_WRITE),
                request -> set(request, registry.require(request.caller(), request.parameter("device")).id()));
    }

    private Reply show(Request request, DeviceId device) {
        var active = configurations.active(request.scope(), device);
        var answer = JsonNodeFactory.instance.objectNode().put("status", "success")
                .put("device_id", device.value()).put("version", active.version());
        answer.set("configuration", active.entries());
        return Reply.ok(answer).header("ETag", "\"" + active.version() + "\"");
    }

    private Reply set(Request request, DeviceId device) {
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
        var changed = configurations.set(request.actor(), device, key.textValue(), value, type);
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Configuration set")
                .put("device_id", device.value()).put("version", changed.version());
        answer.set("configuration", changed.entries());
        return Reply.created(answer);
    }
}
