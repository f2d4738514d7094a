package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.live.LiveFeed;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Sends commands to devices. A command that nobody would receive is refused, not lost.
public final class CommandRoutes implements Routes {
    private static final int COMMAND_BYTES = 64 << 10;
    private static final int TYPE_CHARACTERS = 64;
    private static final List<String> WORDS_FOR_TYPE = List.of("type", "command", "command_type");

    private final DeviceRegistry devices;
    private final Presence presence;
    private final CommandChannel channel;
    private final LiveFeed live;
    private final InstantSource clock;

    public CommandRoutes(DeviceRegistry devices, Presence presence, CommandChannel channel, LiveFeed live,
            InstantSource clock) {
        this.devices = devices;
        this.presence = presence;
        this.channel = channel;
        this.live = live;
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
        requireReachable(device);
        var id = UUID.randomUUID().toString();
        channel.send(device.id(), command(id, type, body, now, expires), expires);
        live.commandSent(device.id(), id, type);
        return Reply.json(202, answer(id, device, expires));
    }

    private static String takeType(ObjectNode body) {
        for (var word : WORDS_FOR_TYPE) {
            var type = body.remove(word);
            if (type == null) continue;
            var text = type.asText();
            if (!type.isTextual() || text.isEmpty() || text.length() > TYPE_CHARACTERS) {
                throw PlatformException.invalid(word, "must be a word of 1 to " + TYPE_CHARACTERS + " characters");
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

    private void requireReachable(Device device) {
        if (channel.isFollowed(device.id())) return;
        throw new PlatformException(ErrorCode.CONFLICT, "The device does not listen: it has no subscription to "
                + DeviceTopic.of(device.id().toString(), DeviceTopic.Kind.COMMANDS)
                        + ", so the command would be lost.");
    }

    private static byte[] command(String id, String type, ObjectNode parameters, Instant now,
            Optional<Instant> expires) {
        var command = Json.mapper().createObjectNode();
        command.put("id", id).put("type", type);
        for (var field : parameters.properties()) {
            // The older form has its parameters in an object of their own; devices find them in both places.
            if (field.getKey().equals("parameters")) setAll(command, field.getValue());
            command.set(field.getKey(), field.getValue());
        }
        command.put("id", id).put("type", type).put("timestamp", now.toString());
        expires.ifPresent(time -> command.put("expires_at", time.toString()));
        return command.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static void setAll(ObjectNode command, JsonNode parameters) {
        for (var field : parameters.properties()) {
            if (!command.has(field.getKey())) command.set(field.getKey(), field.getValue());
        }
    }

    private LinkedHashMap<String, Object> answer(String id, Device device, Optional<Instant> expires) {
        var isOnline = presence.isOnline(device.id());
        var body = new LinkedHashMap<String, Object>();
        body.put("message", isOnline ? "Command sent" : "The device is away; it gets the command when it is back");
        body.put("command_id", id);
        body.put("device_id", device.id().value());
        body.put("status", isOnline ? "sent" : "queued");
        body.put("topic", DeviceTopic.of(device.id().toString(), DeviceTopic.Kind.COMMANDS));
        body.put("expires_at", expires.orElse(null));
        return body;
    }
}
