package io.iotflow.server.action;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.command.Commands;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Tags;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Permission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Something that a rule does to a device. Doing it twice is the same as doing it once, as far as the device allows.
public sealed interface Action {

    /// Who saves a rule that does it needs this.
    Permission permission();

    /// As the alert's history names it.
    String title();

    /// @param expires how long the device may be away until it is not wanted any more
    record Command(String type, ObjectNode parameters, Optional<Duration> expires) implements Action {
        @Override
        public Permission permission() {
            return Permission.COMMANDS_SEND;
        }

        @Override
        public String title() {
            return "command " + type;
        }
    }

    record Configuration(String key, JsonNode value) implements Action {
        @Override
        public Permission permission() {
            return Permission.CONFIGURATIONS_WRITE;
        }

        @Override
        public String title() {
            return "configuration " + key;
        }
    }

    record Quarantine(String reason) implements Action {
        @Override
        public Permission permission() {
            return Permission.DEVICES_WRITE;
        }

        @Override
        public String title() {
            return "quarantine";
        }
    }

    /// @param set what `metadata.tags` shall have; null takes a tag away
    record Tag(ObjectNode set) implements Action {
        @Override
        public Permission permission() {
            return Permission.DEVICES_WRITE;
        }

        @Override
        public String title() {
            return "tag " + String.join(", ", set.properties().stream().map(Map.Entry::getKey).sorted().toList());
        }
    }

    /// An action of a rule's list.
    ///
    /// @param onResolved  whether it is done when the alert is resolved, and not when it begins
    /// @param content     as the rule says it
    record Listed(int place, boolean onResolved, Action action, JsonNode content) {}

    /// The actions of a rule that do something to the device; others tell somebody.
    ///
    /// @param document a rule, or what of it stands in an alert's policy
    /// @throws PlatformException `INVALID`, naming the field: `actions[1].command`
    static List<Listed> of(JsonNode document) {
        var place = new int[1];
        return Fields.of("", document).list("actions", Limits.POLICY_TARGETS, (path, node) ->
                listed(path, node, place[0]++)).stream().flatMap(Optional::stream).toList();
    }

    /// Which permissions the actions of a rule take.
    ///
    /// @throws PlatformException as above
    static Set<Permission> permissions(JsonNode document) {
        var needed = EnumSet.noneOf(Permission.class);
        for (var listed : of(document)) needed.add(listed.action().permission());
        return needed;
    }

    private static Optional<Listed> listed(String path, JsonNode node, int place) {
        var fields = Fields.of(path, node);
        var type = fields.requiredText("type", 50);
        if (type.equals("notify") || type.equals("webhook")) return Optional.empty();
        var onResolved = fields.word("on", Map.of("begun", false, "resolved", true)).orElse(false);
        var action = switch (type) {
            case "command" -> command(fields);
            case "configuration" -> {
                var key = fields.requiredText("key", Limits.CONFIGURATION_KEY_CHARACTERS);
                Configurations.checkKey(fields.path("key"), key);
                yield new Configuration(key, fields.required("value"));
            }
            case "quarantine" -> new Quarantine(fields.text("reason", Limits.QUARANTINE_REASON_CHARACTERS).orElse(""));
            case "tag" -> new Tag(Tags.read(fields, "set"));
            default -> throw fields.refusal("type", "must be one of command, configuration, notify, quarantine, tag, "
                    + "webhook");
        };
        fields.end();
        return Optional.of(new Listed(place, onResolved, action, node));
    }

    private static Action command(Fields fields) {
        var parameters = fields.find("parameters").orElseGet(JsonNodeFactory.instance::objectNode);
        if (!parameters.isObject()) throw fields.refusal("parameters", "must be an object");
        return new Command(fields.requiredText("command", Commands.TYPE_CHARACTERS), (ObjectNode) parameters,
                fields.duration("expires", Limits.POLICY_TIME));
    }
}
