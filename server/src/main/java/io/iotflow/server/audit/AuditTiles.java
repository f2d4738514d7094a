package io.iotflow.server.audit;

import io.iotflow.ledger.Tile;
import io.iotflow.ledger.TileStore;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The tree's tiles in PostgreSQL, a row for each; in a transaction that the caller holds, for the organization at the
/// root.
final class AuditTiles implements TileStore {
    private final Handle handle;

    AuditTiles(Handle handle) {
        this.handle = handle;
    }

    /// Tiles to read from, each in a short transaction of its own: for what takes long. A tile never changes but grows,
    /// so it makes no difference which moment each is from.
    static TileStore readOneByOne(Database database) {
        return new TileStore() {
            @Override
            public Optional<byte[]> find(Tile tile) {
                return database.transaction(OrganizationPath.ROOT, handle -> new AuditTiles(handle).find(tile));
            }

            @Override
            public void write(Map<Tile, byte[]> tiles) {
                throw new IllegalStateException("BUG: these tiles are only read");
            }
        };
    }

    @Override
    public Optional<byte[]> find(Tile tile) {
        return handle.createQuery("""
                SELECT substring(hashes FROM 1 FOR :bytes) FROM audit_tiles
                WHERE level = :level AND index = :index AND length(hashes) >= :bytes""")
                .bind("bytes", tile.bytes()).bind("level", tile.level()).bind("index", tile.index())
                .mapTo(byte[].class).findOne();
    }

    @Override
    public void write(Map<Tile, byte[]> tiles) {
        if (tiles.isEmpty()) return;
        try (var batch = handle.prepareBatch("""
                INSERT INTO audit_tiles (level, index, hashes) VALUES (:level, :index, :hashes)
                ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes""")) {
            tiles.forEach((tile, hashes) -> batch.bind("level", tile.level()).bind("index", tile.index())
                    .bind("hashes", hashes).add());
            batch.execute();
        }
    }
}
