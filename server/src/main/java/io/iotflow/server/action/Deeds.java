package io.iotflow.server.action;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.action.ActionStore.Waiting;
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
import io.iotflow.server.device.Tags;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// Does what rules want, through the doors that people use.
public final class Deeds {
    private final DeviceRegistry devices;
    private final Configurations configurations;
    private final Commands commands;
    private final Echo echo;

    /// Told when an action has changed a device, so that the rule that did it does not answer itself.
    @FunctionalInterface
    public interface Echo {
        /// @param revision the device's, which the change made
        void changed(DeviceId device, long revision, long rule);
    }

    public Deeds(DeviceRegistry devices, Configurations configurations, Commands commands, Echo echo) {
        this.devices = devices;
        this.configurations = configurations;
        this.commands = commands;
        this.echo = echo;
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
                yield "queued as " + commands.queue(by, device, commandId(wanted), type, body, expires).id();
            }
            case Action.Configuration(var key, var value) ->
                    configurations.ensure(by, device.id(), key, value) ? "set to " + value
                            : "was " + value + " already";
            case Action.Quarantine(var reason) -> device.status() == DeviceStatus.QUARANTINED ? "was there already"
                    : changed(wanted, by, now -> now.withQuarantine(reason));
            case Action.Tag(var set) -> changed(wanted, by, now -> Tags.changed(now, set));
        };
    }

    /// The same for the same action: a device that gets it twice can tell.
    private static UUID commandId(Waiting wanted) {
        return UUID.nameUUIDFromBytes(("action " + wanted.id()).getBytes(StandardCharsets.UTF_8));
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
}
