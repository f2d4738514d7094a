package io.iotflow.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The data folder, for one platform at a time. The operating system gives the lock back when the process ends,
/// however it ends.
final class DataFolder implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    static final class InUse extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InUse(Path path) {
            super("another IoTFlow is running on " + path + "; stop it first, or choose another folder with --data",
                    null, false, false);
        }
    }

    static DataFolder lock(Path folder) {
        var path = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
            var lock = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isTaken(lock)) {
                lock.close();
                throw new InUse(path);
            }
            return new DataFolder(path, lock);
        } catch (IOException e) {
            throw new UncheckedIOException("the data folder " + path + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static boolean isTaken(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() == null;
        } catch (OverlappingFileLockException _) {
            return true;
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
