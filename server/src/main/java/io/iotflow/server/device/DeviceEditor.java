package io.iotflow.server.device;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// Writes what becomes of devices that are locked, with their entries in the audit log.
record DeviceEditor(DeviceStore store, CertificateStore certificates, Audit audit, InstantSource clock) {

    /// What is to become of a device that is locked.
    ///
    /// @param draft sealed
    record Edit(Actor by, Device device, Draft draft) {
        private boolean isEnd() {
            return draft.status() == DeviceStatus.DECOMMISSIONED && device.status() != draft.status();
        }

        private Audit.Act act(Audit.Target on) {
            return new Audit.Act(by, action(), on, Draft.of(device).document(), draft.document());
        }

        private String action() {
            if (device.status() == draft.status()) return "device.updated";
            return isEnd() ? "device.decommissioned" : "device.status_changed";
        }
    }

    DeviceRegistry.Changed<Device> edited(Handle handle, Edit edit) {
        var id = edit.device.id();
        if (edit.draft.equals(Draft.of(edit.device))) {
            return new DeviceRegistry.Changed<>(edit.device, edit.device, List.of(), List.of());
        }
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var ends = ends(List.of(edit));
        var keys = store.revokeKeys(handle, ends, now).getOrDefault(id, List.of());
        var ended = certificates.revokeAll(handle, ends, now).getOrDefault(id, List.of());
        var after = updated(handle, edit, now);
        audit.record(handle, List.of(edit.act(after.target())));
        return new DeviceRegistry.Changed<>(after, edit.device, keys, ended);
    }

    /// The same of several, none of which gets another name.
    List<DeviceCache.Change> edited(Handle handle, List<Edit> edits) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var ends = ends(edits);
        var keys = store.revokeKeys(handle, ends, now);
        var ended = certificates.revokeAll(handle, ends, now);
        store.update(handle, edits, now);
        audit.record(handle, edits.stream().map(edit -> edit.act(edit.device.target())).toList());
        return edits.stream().map(edit -> {
            var id = edit.device.id();
            return new DeviceCache.Change(id, Set.of(edit.device.name()), keys.getOrDefault(id, List.of()),
                    ended.getOrDefault(id, List.of()));
        }).toList();
    }

    private static List<DeviceId> ends(List<Edit> edits) {
        return edits.stream().filter(Edit::isEnd).map(edit -> edit.device.id()).toList();
    }

    private Device updated(Handle handle, Edit edit, Instant now) {
        try {
            return store.update(handle, edit.device.id(), edit.draft, now);
        } catch (JdbiException e) {
            if (Database.isDuplicate(e)) throw DeviceRegistry.nameTaken(edit.draft.name());
            throw e;
        }
    }
}
