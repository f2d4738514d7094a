package io.iotflow.server.firmware;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// All SQL about deltas. Stateless; the caller holds the connection and the transaction.
final class DeltaStore {

    Optional<Delta> find(Handle handle, long base, long image) {
        return handle.createQuery("SELECT * FROM firmware_deltas WHERE base_id = :base AND image_id = :image")
                .bind("base", base).bind("image", image)
                .map((row, _) -> new Delta(base, image, row.getLong("size"), row.getString("sha256"))).findOne();
    }

    /// Those that make this image, useless ones with them; there is one at the most for each version before.
    List<Delta> of(Handle handle, long image) {
        return handle.createQuery("SELECT * FROM firmware_deltas WHERE image_id = :image ORDER BY base_id")
                .bind("image", image).map((row, _) -> new Delta(row.getLong("base_id"), image, row.getLong("size"),
                        row.getString("sha256"))).list();
    }

    /// Unless another node was quicker, or one of the images is gone.
    void insert(Handle handle, Delta delta, Instant now) {
        handle.createUpdate("""
                INSERT INTO firmware_deltas (base_id, image_id, organization, size, sha256, made_at)
                SELECT base.id, image.id, image.organization, :size, :sha256, :now
                FROM firmware_images base, firmware_images image WHERE base.id = :base AND image.id = :image
                ON CONFLICT DO NOTHING""")
                .bind("base", delta.base()).bind("image", delta.image()).bind("size", delta.size())
                .bind("sha256", delta.sha256()).bind("now", now.atOffset(ZoneOffset.UTC)).execute();
    }
}
