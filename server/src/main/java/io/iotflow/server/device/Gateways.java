package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/// Which devices speak through which other. A device stands behind a gateway when its metadata names the gateway's id
/// as `gateway` and both belong to one organization: so it is for the operator to say, or for the device when it
/// registers, and never for the gateway. A name would not do, since the next device may have it.
public final class Gateways {
    private static final String FIELD = "gateway";

    private final DeviceRegistry devices;
    private final int mayBring;
    private final DeviceStore store = new DeviceStore();

    /// @param config says how many devices a gateway may register by itself
    public Gateways(DeviceRegistry devices, RegistrationConfig config) {
        this.devices = devices;
        mayBring = config.gatewayDevices();
    }

    /// The device of this id or name, if it stands behind the gateway and may publish. May wait for the database.
    ///
    /// @throws PlatformException `NOT_FOUND` also for what is there and not behind it, `FORBIDDEN` when it may not
    ///                           publish
    public Device behind(DeviceId gateway, String idOrName) {
        return found(gateway, idOrName).orElseThrow(() -> absent(gateway));
    }

    private Optional<Device> found(DeviceId gateway, String idOrName) {
        var itself = devices.find(gateway).orElseThrow(() -> absent(gateway));
        var device = devices.find(itself.organization(), idOrName).filter(it -> isBehind(it, itself));
        device.filter(it -> !it.status().mayPublish()).ifPresent(it -> {
            throw new PlatformException(ErrorCode.FORBIDDEN, "The device " + it.name() + " is " + it.status().word()
                    + "; make it active first.");
        });
        return device;
    }

    /// Whether the one still speaks through the other.
    public boolean isBehind(DeviceId device, DeviceId gateway) {
        return devices.find(device).filter(it -> it.status().mayPublish())
                .filter(it -> devices.find(gateway).filter(that -> isBehind(it, that)).isPresent()).isPresent();
    }

    private static boolean isBehind(Device device, Device gateway) {
        return named(device.metadata()).filter(gateway.id()::equals).isPresent()
                && device.organization().equals(gateway.organization());
    }

    private static Optional<DeviceId> named(JsonNode metadata) {
        var field = metadata.path(FIELD);
        return field.isNumber() || field.isTextual() ? DeviceName.idOf(field.asText()) : Optional.empty();
    }

    /// As above; a device that nobody has registered is made, as far as `registration.gateway_devices` allows it.
    ///
    /// @param type of the new device; empty for `default`
    public Device come(DeviceId gateway, String name, String type) {
        var known = found(gateway, name);
        if (known.isPresent()) return known.get();
        if (mayBring == 0 || DeviceName.idOf(name).isPresent()) throw absent(gateway);
        var itself = devices.find(gateway).orElseThrow(() -> absent(gateway));
        var by = new Actor(Actor.Kind.DEVICE, gateway.toString(), itself.name(), itself.organization(), "", "mqtt");
        var profile = Profile.of(type.isBlank() ? "default" : type)
                .withMetadata(JsonNodeFactory.instance.objectNode().put(FIELD, gateway.value()));
        try {
            return devices.register(by, name, profile, DeviceStatus.ACTIVE, roomBehind(gateway), (_, _, _) -> { })
                    .device();
        } catch (PlatformException e) {
            throw e.code() == ErrorCode.NAME_TAKEN ? absent(gateway) : e; // that of one that is not behind it
        }
    }

    private Consumer<Handle> roomBehind(DeviceId gateway) {
        return handle -> {
            if (store.lockedCountBehind(handle, gateway) < mayBring) return;
            throw new PlatformException(ErrorCode.CONFLICT, "The gateway has " + mayBring + " devices behind it; "
                    + "register more as an operator, or raise registration.gateway_devices.");
        };
    }

    private static PlatformException absent(DeviceId gateway) {
        return new PlatformException(ErrorCode.NOT_FOUND, "There is no such device behind this gateway; register it, "
                + "and set gateway in its metadata to " + gateway + ".");
    }
}
