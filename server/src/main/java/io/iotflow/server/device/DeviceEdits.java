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
    private final List<DeviceEditor.Edit> wanted = new ArrayList<>();
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

    /// The devices as they are now, locked; those of which there are any.
    public Map<DeviceId, Device> lock(Handle handle, Collection<DeviceId> ids) {
        return store.findForUpdate(handle, ids);
    }

    /// What would become of a device; nothing is written.
    ///
    /// @return empty when nothing would change
    /// @throws PlatformException whatever `change` throws
    public static Optional<Draft> wouldBecome(Device device, UnaryOperator<Draft> change) {
        var before = Draft.of(device);
        return Optional.of(change.apply(before)).filter(after -> !after.equals(before));
    }

    /// Wants a device, which nobody else has wanted to be changed here, to be something else by [#write].
    ///
    /// @return whether that changes anything
    /// @throws PlatformException whatever `change` throws
    public boolean edit(Actor by, Device locked, UnaryOperator<Draft> change) {
        var seal = seals.get(locked.organization());
        // Moved to another organization since it was prepared: whoever comes next finds it there.
        if (seal == null) throw PlatformException.notFound("device " + locked.id());
        var draft = change.apply(Draft.of(locked)).sealed(seal, locked.id(), locked.metadata());
        if (draft.equals(Draft.of(locked))) return false;
        if (!draft.name().equals(locked.name())) throw new IllegalStateException("BUG: names are given one by one");
        wanted.add(new DeviceEditor.Edit(by, locked, draft));
        return true;
    }

    /// Writes what is wanted, and tells other nodes when the transaction commits.
    public void write(Handle handle) {
        var told = editor.edited(handle, wanted);
        wanted.clear();
        changes.addAll(told);
        cache.publish(handle, told);
    }

    public void committed() {
        changes.forEach(cache::drop);
        changes.clear();
    }
}
