package io.iotflow.server;

import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

    /// @throws CannotStart when another platform has it, or it cannot be written
    static DataFolder lock(Path folder) {
        var path = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
            var lock = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isTaken(lock)) {
                lock.close();
                throw new CannotStart("another IoTFlow is running on " + path
                        + "; stop it first, or choose another folder with --data");
            }
            return new DataFolder(path, lock);
        } catch (IOException e) {
            throw new CannotStart("the data folder " + path + " cannot be used: " + reason(e) + "; let "
                    + System.getProperty("user.name") + " write there, or choose another with --data", e);
        }
    }

    /// Most file-system failures have no words but the path.
    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> denied.getFile() + " may not be written";
            case FileAlreadyExistsException other -> other.getFile() + " is no folder";
            case NoSuchFileException missing -> missing.getFile() + " cannot be made";
            default -> e.getMessage();
        };
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
