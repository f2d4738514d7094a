package io.iotflow.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// Tiles as files, named as C2SP tlog-tiles names full tiles. The file of a tile that is still partial has its full
/// name too and as many hashes as there are: it is replaced as it grows, so there is one file for each place and
/// nothing to clean up. Whoever serves partial tiles cuts them from it with [#find]. One writer; readers may read
/// meanwhile.
public final class FolderTileStore implements TileStore {
    private final Path folder;

    public FolderTileStore(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<byte[]> find(Tile tile) {
        var file = folder.resolve(tile.full().path());
        try {
            var bytes = Files.readAllBytes(file);
            return bytes.length < tile.bytes() ? Optional.empty() : Optional.of(Arrays.copyOf(bytes, tile.bytes()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the tile " + file, e);
        }
    }

    @Override
    public void write(Map<Tile, byte[]> tiles) {
        tiles.forEach((tile, bytes) -> {
            var file = folder.resolve(tile.full().path());
            try {
                DurableFiles.replace(file, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write the tile " + file, e);
            }
        });
    }
}
