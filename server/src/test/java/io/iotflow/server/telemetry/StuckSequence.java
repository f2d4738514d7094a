package io.iotflow.server.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;

/// Lets commits of a real store fail, and heals it: where the list of commits goes on in a new file, a folder is in the
/// way. So that this is at the third commit and not at the five thousandth, the parts of the list are made small.
public record StuckSequence(Path obstacle) {
    /// Where the head of the list says how many commits a part holds.
    private static final int PART_SIZE_AT = 20;
    private static final int COMMITS_IN_A_PART = 1;

    /// Makes a store that can be blocked; before it is opened.
    public static void prepare(Path folder) throws IOException {
        TelemetryStore.open(TelemetryConfig.USUAL, folder, InstantSource.system()).close();
        try (var file = FileChannel.open(commits(folder).resolve("_txnlog"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, COMMITS_IN_A_PART),
                    PART_SIZE_AT);
        }
    }

    /// From now on a commit of numbers fails.
    public static StuckSequence block(Path folder) throws IOException {
        var parts = commits(folder).resolve("_txn_parts");
        try (var files = Files.list(parts)) {
            var next = files.mapToInt(file -> Integer.parseInt(file.getFileName().toString())).max().orElse(-1) + 1;
            return new StuckSequence(Files.createDirectory(parts.resolve(Integer.toString(next))));
        }
    }

    /// From now on commits succeed again.
    public void release() throws IOException {
        Files.delete(obstacle);
    }

    private static Path commits(Path folder) throws IOException {
        try (var tables = Files.list(folder.resolve("db"))) {
            return tables.filter(table -> table.getFileName().toString().startsWith("points")).findFirst()
                    .orElseThrow().resolve("txn_seq");
        }
    }
}
