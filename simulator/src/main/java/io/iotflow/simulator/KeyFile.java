package io.iotflow.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalLong;

/// The keys of pretended devices, by platform and planned name, so that the same fleet can come back tomorrow. Only the
/// owner may read the file. Written whole and moved into place, so that a crash leaves the old one or the new one.
final class KeyFile {
    private final Path file;
    private final String platform;

    /// @param platform the address that issued the keys; a file may hold several platforms' keys
    KeyFile(Path file, String platform) {
        this.file = file;
        this.platform = platform;
    }

    synchronized Optional<Identity> find(String plannedName) {
        var entry = read().path(platform).path(plannedName);
        var key = entry.path("api_key").asText("");
        if (key.isEmpty()) return Optional.empty();
        var id = Json.id(entry);
        return Optional.of(new Identity(entry.path("name").asText(plannedName), id, key));
    }

    synchronized void keep(String plannedName, Identity identity) {
        var all = read();
        var entry = all.withObjectProperty(platform).putObject(plannedName);
        entry.put("name", identity.name());
        identity.id().ifPresent(id -> entry.put("id", id));
        entry.put("api_key", identity.apiKey());
        write(all);
    }

    private ObjectNode read() {
        try {
            if (!Files.exists(file)) return Json.object();
            var node = Json.MAPPER.readTree(file.toFile());
            if (node instanceof ObjectNode object) return object;
            throw new SimulationFailure("The key file " + file + " is not one of mine: name another with --key-file.");
        } catch (IOException e) {
            throw new SimulationFailure("The key file " + file + " cannot be read as JSON: repair or remove it, "
                    + "or name another with --key-file.");
        }
    }

    private void write(ObjectNode all) {
        try {
            var folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            var fresh = Files.createTempFile(folder, file.getFileName().toString(), ".new");
            if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            }
            Json.MAPPER.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), all);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new SimulationFailure("The key file " + file + " cannot be written (" + e.getMessage()
                    + "): name another with --key-file.");
        }
    }
}
