package io.iotflow.server.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Sends the commands of people and programs to devices.
public final class CommandRoutes implements Routes {
    private static final int COMMAND_BYTES = 64 << 10;
    private static final List<String> WORDS_FOR_TYPE = List.of("type", "command", "command_type");

    private final DeviceRegistry devices;
    private final Commands commands;
    private final InstantSource clock;

    public CommandRoutes(DeviceRegistry devices, Commands commands, InstantSource clock) {
        this.devices = devices;
        this.commands = commands;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        var senders = Access.with(Permission.COMMANDS_SEND);
        table.post("devices/{device}/commands", senders, this::send).bodyLimit(COMMAND_BYTES);
        table.post("mqtt/device/{device}/command", senders, this::send).bodyLimit(COMMAND_BYTES);
    }

    private Reply send(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        if (!(request.json() instanceof ObjectNode body)) throw PlatformException.malformed("A command is an object.");
        var type = takeType(body);
        var now = clock.instant();
        var expires = takeExpiry(body, now);
        return Reply.json(202, answer(commands.send(device, UUID.randomUUID().toString(), type, body, expires),
                device, expires));
    }

    private static String takeType(ObjectNode body) {
        for (var word : WORDS_FOR_TYPE) {
            var type = body.remove(word);
            if (type == null) continue;
            var text = type.asText();
            if (!type.isTextual() || text.isEmpty() || text.length() > Commands.TYPE_CHARACTERS) {
                throw PlatformException.invalid(word, "must be a word of 1 to " + Commands.TYPE_CHARACTERS
                        + " characters");
            }
            return text;
        }
        throw PlatformException.invalid("type", "is missing: say which command it is");
    }

    private static Optional<Instant> takeExpiry(ObjectNode body, Instant now) {
        var expiry = body.remove("expires_at");
        if (expiry == null || expiry.isNull()) return Optional.empty();
        try {
            var time = Timestamps.parse(expiry.asText(), now);
            if (!time.isAfter(now)) throw PlatformException.invalid("expires_at", "must lie in the future");
            return Optional.of(time);
        } catch (DateTimeException e) {
            throw PlatformException.invalid("expires_at", e.getMessage());
        }
    }

    private static LinkedHashMap<String, Object> answer(Commands.Sent sent, Device device,
            Optional<Instant> expires) {
        var body = new LinkedHashMap<String, Object>();
        body.put("message", sent.isOnline() ? "Command sent"
                : "The device is away; it gets the command when it is back");
        body.put("command_id", sent.id());
        body.put("device_id", device.id().value());
        body.put("status", sent.isOnline() ? "sent" : "queued");
        body.put("topic", DeviceTopic.of(device.id().toString(), DeviceTopic.Kind.COMMANDS));
        body.put("expires_at", expires.orElse(null));
        return body;
    }
}
