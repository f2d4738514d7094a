package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.command.Commands;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Draft;
import io.iotflow.server.device.Tags;
import io.iotflow.server.firmware.OfferTerms;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Permission;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What is done to each device of a batch.
sealed interface Operation {
    List<String> WORDS = List.of("command", "delete", "firmware", "group", "set_configuration", "set_status",
            "set_tags");

    /// Whoever starts it needs this.
    Permission permission();

    /// A change of the device's own record.
    ///
    /// @param change throws what refuses it
    record Edit(UnaryOperator<Draft> change) implements Operation {
        @Override
        public Permission permission() {
            return Permission.DEVICES_WRITE;
        }
    }

    /// One key of its configuration.
    record Configure(String key, JsonNode value) implements Operation {
        @Override
        public Permission permission() {
            return Permission.CONFIGURATIONS_WRITE;
        }
    }

    record Send(Commands.Order order) implements Operation {
        @Override
        public Permission permission() {
            return Permission.COMMANDS_SEND;
        }
    }

    /// Onto the list of a group, or off that of one.
    ///
    /// @param add    the id or name of a group; `remove` likewise
    record Regroup(Optional<String> add, Optional<String> remove) implements Operation {
        @Override
        public Permission permission() {
            return Permission.DEVICES_WRITE;
        }
    }

    /// An image to each device by itself: a batch is over when all are asked, whereas a rollout waits for them.
    record Offer(OfferTerms terms) implements Operation {
        @Override
        public Permission permission() {
            return Permission.FIRMWARE_WRITE;
        }
    }

    /// @param now what times in the parameters are relative to
    /// @throws PlatformException `INVALID`, naming the field
    static Operation of(String word, ObjectNode params, Instant now) {
        var fields = Fields.of("params", params);
        var operation = switch (word) {
            case "set_status" -> status(fields);
            case "set_tags" -> {
                var set = Tags.read(fields, "set");
                yield new Edit(draft -> Tags.changed(draft, set));
            }
            case "set_configuration" -> {
                var key = fields.requiredText("key", Limits.CONFIGURATION_KEY_CHARACTERS);
                Configurations.checkKey(fields.path("key"), key);
                yield new Configure(key, fields.required("value"));
            }
            case "command" -> new Send(Commands.Order.read(fields, now));
            case "group" -> group(fields);
            case "firmware" -> new Offer(OfferTerms.read(fields));
            case "delete" -> new Edit(draft -> draft.withStatus(draft.status().after(DeviceStatus.DECOMMISSIONED)));
            default -> throw PlatformException.invalid("operation", "must be one of " + String.join(", ", WORDS));
        };
        fields.end();
        return operation;
    }

    private static Operation group(Fields fields) {
        var add = fields.text("add", Limits.ACCESS_NAME_CHARACTERS);
        var remove = fields.text("remove", Limits.ACCESS_NAME_CHARACTERS);
        if (add.isEmpty() && remove.isEmpty()) throw fields.refusal("add", "is missing, and so is remove");
        if (add.equals(remove)) throw fields.refusal("remove", "is the group that the devices shall come into");
        return new Regroup(add, remove);
    }

    private static Operation status(Fields fields) {
        var status = DeviceStatus.find(fields.requiredText("status", 20))
                .orElseThrow(() -> fields.refusal("status", "is no status of a device; there are active, inactive, "
                        + "maintenance and quarantined"));
        if (status == DeviceStatus.DECOMMISSIONED) {
            throw fields.refusal("status", "cannot be decommissioned here; the operation delete does that");
        }
        var reason = fields.text("reason", Limits.QUARANTINE_REASON_CHARACTERS).orElse("");
        return new Edit(draft -> status == DeviceStatus.QUARANTINED ? draft.withQuarantine(reason)
                : draft.withStatus(draft.status().after(status)));
    }
}
