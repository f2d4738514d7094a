package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Durations;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Commands as the API and devices see them.
final class CommandJson {
    private CommandJson() {}

    /// One line of a list.
    static ObjectNode line(Command command) {
        var life = command.life();
        var json = Json.mapper().createObjectNode().put("id", command.id().toString())
                .put("device_id", command.device().value()).put("organization_id", command.organization().id())
                .put("type", command.type());
        json.set("parameters", command.parameters());
        json.put("status", life.state().word()).put("author", command.author()).put("priority", command.priority());
        if (command.job().isPresent()) json.put("job_id", command.job().getAsLong());
        else json.putNull("job_id");
        json.put("attempts", life.attempts()).put("created_at", command.createdAt().toString())
                .put("not_before", life.terms().notBefore().toString())
                .put("expires_at", life.terms().expires().toString())
                .put("updated_at", life.steps().getLast().at().toString())
                .put("reason", reason(life).orElse(null));
        json.set("result", result(life).orElse(null));
        return json;
    }

    /// All that is known of it.
    static ObjectNode detail(Command command) {
        var terms = command.life().terms();
        var json = line(command);
        json.putObject("delivery").put("within", Durations.text(terms.delivery()))
                .put("timeout", Durations.text(terms.timeout())).put("attempts", terms.attempts())
                .put("backoff", Durations.text(terms.backoff()));
        json.put("idempotency_key", command.key().orElse(null));
        json.set("steps", steps(command.life()));
        return json;
    }

    static ArrayNode steps(CommandLife life) {
        var array = Json.mapper().createArrayNode();
        for (var step : life.steps()) {
            var json = array.addObject().put("at", step.at().toString()).put("state", step.state().word());
            if (step.isLate()) json.put("late", true);
            json.set("proof", step.proof());
        }
        return array;
    }

    private static Optional<ObjectNode> result(CommandLife life) {
        return life.steps().reversed().stream().filter(step -> !step.isLate() && step.state().isEnded())
                .map(step -> step.proof().path("result")).filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast).findFirst();
    }

    private static Optional<String> reason(CommandLife life) {
        return life.steps().reversed().stream().filter(step -> !step.isLate() && step.state().isEnded()).findFirst()
                .map(step -> step.proof().path("reason").textValue());
    }

    /// As a device gets it. The id stands first: by it the platform knows the packet again.
    static ObjectNode order(Command command) {
        var id = command.id().toString();
        var order = Json.mapper().createObjectNode().put("id", id).put("type", command.type());
        for (var field : command.parameters().properties()) {
            // The older form has its parameters in an object of their own; devices find them in both places.
            if (field.getKey().equals("parameters")) setAll(order, field.getValue());
            order.set(field.getKey(), field.getValue());
        }
        return order.put("id", id).put("type", command.type()).put("timestamp", command.createdAt().toString())
                .put("expires_at", command.life().terms().expires().toString());
    }

    static byte[] bytes(Command command) {
        return order(command).toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void setAll(ObjectNode order, JsonNode parameters) {
        for (var field : parameters.properties()) {
            if (!order.has(field.getKey())) order.set(field.getKey(), field.getValue());
        }
    }
}
