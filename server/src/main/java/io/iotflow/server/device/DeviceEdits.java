package io.iotflow.server.device;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.encryption.SealedMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/// Changes to several devices in one transaction of the caller's. Used by one thread: [#prepare] before the
/// transaction, [#committed] after it.
public final class DeviceEdits {
    private final DeviceRegistry registry;
    private final DeviceStore store;
    private final DeviceEditor editor;
    private final SealedMetadata metadata;
    private final DeviceCache cache;
    private final Map<OrganizationPath, SealedMetadata.Seal> seals = new HashMap<>();
    private final List<DeviceCache.Change> changes = new ArrayList<>();

    DeviceEdits(DeviceRegistry registry, DeviceStore store, DeviceEditor editor, SealedMetadata metadata,
            DeviceCache cache) {
        this.registry = registry;
        this.store = store;
        this.editor = editor;
        this.metadata = metadata;
        this.cache = cache;
    }

    public DeviceEdits prepare(Collection<DeviceId> devices) {
        for (var id : devices) {
            registry.find(id).ifPresent(device -> seals.computeIfAbsent(device.organization(), metadata::seal));
        }
        return this;
    }

    /// The device as it is now, locked.
    ///
    /// @throws PlatformException `NOT_FOUND`
    public Device lock(Handle handle, DeviceId id) {
        return find(handle, id).orElseThrow(() -> PlatformException.notFound("device " + id));
    }

    /// The device as it is now, locked, if it is there.
    public Optional<Device> find(Handle handle, DeviceId id) {
        return store.findForUpdate(handle, id);
    }

    /// What would become of a device; nothing is written.
    ///
    /// @return empty when nothing would change
    /// @throws PlatformException whatever `change` throws
    public static Optional<Draft> wouldBecome(Device device, UnaryOperator<Draft> change) {
        var before = Draft.of(device);
        return Optional.of(change.apply(before)).filter(after -> !after.equals(before));
    }

    /// @return whether anything has changed
    /// @throws PlatformException whatever `change` throws; nothing is written then
    public boolean edit(Handle handle, Actor by, Device locked, UnaryOperator<Draft> change) {
        var seal = seals.get(locked.organization());
        // Moved to another organization since it was prepared: whoever comes next finds it there.
        if (seal == null) throw PlatformException.notFound("device " + locked.id());
        var changed = editor.edited(handle, by, locked, change.apply(Draft.of(locked)), seal);
        if (changed.answer() == locked) return false;
        var told = changed.change();
        changes.add(told);
        cache.publish(handle, told);
        return true;
    }

    public void committed() {
        changes.forEach(cache::drop);
        changes.clear();
    }
}
