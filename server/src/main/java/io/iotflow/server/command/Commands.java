package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Json;
import io.iotflow.server.live.LiveFeed;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// Sends commands to devices, for people and for rules. A command that nobody would receive is refused, not lost.
public final class Commands {
    /// Of a command's type.
    public static final int TYPE_CHARACTERS = 64;

    private final Presence presence;
    private final CommandChannel channel;
    private final LiveFeed live;
    private final InstantSource clock;

    /// @param isOnline whether the device gets it now, and not when it is back
    public record Sent(String id, boolean isOnline) {}

    public Commands(Presence presence, CommandChannel channel, LiveFeed live, InstantSource clock) {
        this.presence = presence;
        this.channel = channel;
        this.live = live;
        this.clock = clock;
    }

    /// @param id   by which the device tells it from others
    /// @param body what else the command says
    /// @throws PlatformException `CONFLICT` when the device does not listen
    public Sent send(Device device, String id, String type, ObjectNode body, Optional<Instant> expires) {
        requireReachable(device);
        channel.send(device.id(), command(id, type, body, clock.instant(), expires), expires);
        live.commandSent(device.id(), id, type);
        return new Sent(id, presence.isOnline(device.id()));
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
        return command.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void setAll(ObjectNode command, JsonNode parameters) {
        for (var field : parameters.properties()) {
            if (!command.has(field.getKey())) command.set(field.getKey(), field.getValue());
        }
    }
}
