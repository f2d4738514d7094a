package io.iotflow.server.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Commands of people and programs to one device, what became of them, and devices that fetch theirs.
public final class CommandRoutes implements Routes {
    private final Database database;
    private final DeviceRegistry devices;
    private final Commands commands;
    private final InstantSource clock;

    public CommandRoutes(Database database, DeviceRegistry devices, Commands commands, InstantSource clock) {
        this.database = database;
        this.devices = devices;
        this.commands = commands;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        var senders = Access.with(Permission.COMMANDS_SEND);
        var readers = Access.with(Permission.DEVICES_READ);
        table.post("devices/{device}/commands", senders, this::send).bodyLimit(CommandLimits.COMMAND_BYTES);
        table.post("mqtt/device/{device}/command", senders, this::send).bodyLimit(CommandLimits.COMMAND_BYTES);
        table.get("devices/{device}/commands", readers, request -> list(request,
                Optional.of(devices.require(request.caller(), request.parameter("device")).id())));
        table.get("commands", readers, request -> list(request, request.query().text("device")
                .map(name -> devices.require(request.caller(), name).id())));
        table.get("commands/{command}", readers, request -> Reply.ok(named(CommandJson.detail(
                commands.require(request.scope(), id(request))))));
        table.post("commands/{command}/cancel", senders, request -> Reply.ok(named(CommandJson.detail(
                commands.cancel(request.actor(), id(request))))));
        table.get("devices/commands", Access.DEVICE, this::fetch);
        table.post("devices/commands/{command}/result", Access.DEVICE, this::answered);
    }

    private static UUID id(Request request) {
        var text = request.parameter("command");
        return DeviceWord.id(text).orElseThrow(() -> Commands.absent("of that id"));
    }

    private Reply send(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        if (!(request.json() instanceof ObjectNode body)) throw PlatformException.malformed("A command is an object.");
        // The header's key is the caller's own; with it, a command is known again also after a restart.
        var key = request.header("Idempotency-Key").map(text -> request.actor().kind().word() + " "
                + request.actor().id() + " " + text);
        var wish = WishReader.of(body, key, clock.instant().truncatedTo(ChronoUnit.MICROS));
        var queued = commands.queue(request.actor(), device, wish);
        return Reply.json(202, answer(queued, commands.require(request.scope(), queued.id()), device));
    }

    private static LinkedHashMap<String, Object> answer(Commands.Queued queued, Command command, Device device) {
        var body = new LinkedHashMap<String, Object>();
        body.put("message", !queued.isNew() ? "The command was sent with this key before"
                : queued.isOnWay() ? "The device listens; the command goes out as soon as it is due"
                : "The device is away; it gets the command when it is back");
        body.put("command_id", command.id().toString());
        body.put("device_id", device.id().value());
        body.put("status", command.life().state().word());
        body.put("topic", DeviceTopic.of(device.id().toString(), DeviceTopic.Kind.COMMANDS));
        body.put("expires_at", command.life().terms().expires());
        return body;
    }

    private Reply list(Request request, Optional<DeviceId> device) {
        var query = CommandQuery.read(request.query(), device);
        var page = database.transaction(request.scope(), query::page);
        return Reply.ok(page.json("commands", command -> named(CommandJson.line(command))));
    }

    private ObjectNode named(ObjectNode command) {
        var id = new DeviceId(command.path("device_id").longValue());
        return command.put("device_name", devices.find(id).map(Device::name).orElse(""));
    }

    private Reply fetch(Request request) {
        var device = devices.require(request.caller(), request.device().id().toString());
        var confirmed = new ArrayList<UUID>();
        for (var text : request.query().list("received")) {
            DeviceWord.id(text).filter(_ -> confirmed.size() < CommandLimits.COMMANDS_OPEN).ifPresent(confirmed::add);
        }
        var proof = Json.mapper().createObjectNode().put("by", "http").put("address", request.remoteAddress());
        var most = request.query().whole("limit", CommandLimits.COMMANDS_UNDER_WAY, 1,
                CommandLimits.COMMANDS_UNDER_WAY);
        var answer = Json.mapper().createObjectNode().put("status", "success").put("device_id", device.id().value());
        var list = answer.putArray("commands");
        for (var command : commands.fetch(device, List.copyOf(confirmed), most, proof)) {
            list.add(CommandJson.order(command));
        }
        return Reply.ok(answer.put("count", list.size()));
    }

    private Reply answered(Request request) {
        var device = devices.require(request.caller(), request.device().id().toString());
        if (!(request.json() instanceof ObjectNode body)) throw PlatformException.malformed("A result is an object.");
        var word = DeviceWord.WORDS.get(body.path("status").asText());
        if (word == null) {
            throw PlatformException.invalid("status", "must be success, error, acknowledged or received");
        }
        var command = commands.answered(device, id(request),
                new CommandEvent.Answered(word, DeviceWord.content(body, "http")));
        return Reply.ok(Json.mapper().createObjectNode().put("command_id", command.id().toString())
                .put("status", command.life().state().word()));
    }
}
