package io.iotflow.server.action;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.action.ActionStore.Waiting;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.command.Commands;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Draft;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// Does what rules want, through the doors that people use.
public final class Deeds {
    private final DeviceRegistry devices;
    private final Configurations configurations;
    private final Commands commands;
    private final Echo echo;
    private final InstantSource clock;

    /// Told when an action has changed a device, so that the rule that did it does not answer itself.
    @FunctionalInterface
    public interface Echo {
        /// @param revision the device's, which the change made
        void changed(DeviceId device, long revision, long rule);
    }

    public Deeds(DeviceRegistry devices, Configurations configurations, Commands commands, Echo echo,
            InstantSource clock) {
        this.devices = devices;
        this.configurations = configurations;
        this.commands = commands;
        this.echo = echo;
        this.clock = clock;
    }

    /// @return what there is to say about it
    /// @throws PlatformException when it cannot be done, and why
    String does(Waiting wanted, Action action, Actor by) {
        var device = devices.find(wanted.device()).filter(it -> it.status() != DeviceStatus.DECOMMISSIONED)
                .orElseThrow(() -> new PlatformException(ErrorCode.NOT_FOUND, "The device's life has ended."));
        return switch (action) {
            case Action.Command(var type, var parameters, var expires) -> {
                var body = JsonNodeFactory.instance.objectNode();
                if (!parameters.isEmpty()) body.set("parameters", parameters);
                var sent = commands.send(device, commandId(wanted), type, body, expires.map(clock.instant()::plus));
                yield sent.isOnline() ? "sent as " + sent.id() : "waits for the device as " + sent.id();
            }
            case Action.Configuration(var key, var value) ->
                    configurations.ensure(by, device.id(), key, value) ? "set to " + value
                            : "was " + value + " already";
            case Action.Quarantine(var reason) -> device.status() == DeviceStatus.QUARANTINED ? "was there already"
                    : changed(wanted, by, now -> now.withQuarantine(reason));
            case Action.Tag(var set) -> changed(wanted, by, now -> tagged(now, set));
        };
    }

    /// The same for the same action: a device that gets it twice can tell.
    static String commandId(Waiting wanted) {
        return UUID.nameUUIDFromBytes(("action " + wanted.id()).getBytes(StandardCharsets.UTF_8)).toString();
    }

    Audit.Target target(DeviceId device) {
        return devices.find(device).map(Device::target).orElseThrow();
    }

    private String changed(Waiting wanted, Actor by, UnaryOperator<Draft> change) {
        var isChanged = new boolean[1];
        Device after = devices.update(by, wanted.device(), OptionalLong.empty(), now -> {
            var next = change.apply(now);
            isChanged[0] = !next.equals(now);
            return next;
        });
        if (!isChanged[0]) return "was so already";
        echo.changed(after.id(), after.revision(), wanted.rule());
        return "done";
    }

    private static Draft tagged(Draft now, ObjectNode set) {
        ObjectNode metadata = now.profile().metadata().deepCopy();
        var tags = metadata.path("tags");
        if (!tags.isObject() && !tags.isMissingNode() && !tags.isNull()) {
            throw new PlatformException(ErrorCode.CONFLICT, "The device's metadata has something else as tags.");
        }
        ObjectNode next = tags.isObject() ? (ObjectNode) tags : metadata.putObject("tags");
        set.properties().forEach(tag -> {
            if (tag.getValue().isNull()) next.remove(tag.getKey());
            else next.set(tag.getKey(), tag.getValue());
        });
        return now.withProfile(now.profile().withMetadata(metadata));
    }
}
