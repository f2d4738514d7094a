package io.iotflow.server.device;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.core.Actor;
import io.iotflow.server.database.Database;
import io.iotflow.server.encryption.SealedMetadata;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// Writes what becomes of a device that is locked, with its entry in the audit log.
record DeviceEditor(DeviceStore store, CertificateStore certificates, Audit audit, InstantSource clock) {

    DeviceRegistry.Changed<Device> edited(Handle handle, Actor by, Device device, Draft wanted,
            SealedMetadata.Seal seal) {
        var draft = wanted.sealed(seal, device.id(), device.metadata());
        if (draft.equals(Draft.of(device))) {
            return new DeviceRegistry.Changed<>(device, device, List.of(), List.of());
        }
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var ends = draft.status() == DeviceStatus.DECOMMISSIONED && device.status() != draft.status();
        var keys = ends ? store.revokeKeys(handle, device.id(), now) : List.<ApiKey.Hash>of();
        var ended = ends ? certificates.revokeAll(handle, device.id(), now) : List.<Fingerprint>of();
        var after = updated(handle, device, draft, now);
        audit.record(handle, by, action(device.status(), draft.status()), after.target(),
                Draft.of(device).document(), draft.document());
        return new DeviceRegistry.Changed<>(after, device, keys, ended);
    }

    private Device updated(Handle handle, Device device, Draft draft, Instant now) {
        try {
            return store.update(handle, device.id(), draft, now);
        } catch (JdbiException e) {
            if (Database.isDuplicate(e)) throw DeviceRegistry.nameTaken(draft.name());
            throw e;
        }
    }

    private static String action(DeviceStatus before, DeviceStatus after) {
        if (before == after) return "device.updated";
        return after == DeviceStatus.DECOMMISSIONED ? "device.decommissioned" : "device.status_changed";
    }
}
