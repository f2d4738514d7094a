package io.iotflow.server.encryption;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.SecretFile;
import io.iotflow.server.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Optional;

/// Finds the master key, and replaces it. A new one in the file is first written beside it, then put into the database,
/// then moved to its place, so that at every moment one of the two opens what the database has.
public final class MasterKeys {
    private final EncryptionConfig config;
    private final Path file;
    private final Path next;

    public MasterKeys(EncryptionConfig config, Path file) {
        this.config = config;
        this.file = file;
        this.next = file.resolveSibling(file.getFileName() + ".next");
    }

    /// The configured one, to begin with: made in the file if that is where it shall be.
    MasterKey first() {
        return outside().orElseGet(() -> {
            if (!Files.exists(file)) write(file, MasterKey.Held.random());
            return held(file);
        });
    }

    /// @throws CannotStart when the configured master key is not the one that has wrapped it
    byte[] unwrap(String wrapped) {
        var outside = outside();
        if (outside.isPresent()) return outside.get().unwrap(wrapped).orElseThrow(() -> misfit(outside.get().where()));
        var kept = Files.exists(file) ? held(file).unwrap(wrapped) : Optional.<byte[]>empty();
        if (kept.isEmpty() && Files.exists(next)) {
            kept = held(next).unwrap(wrapped);
            if (kept.isPresent()) move();
        }
        return kept.orElseThrow(() -> Files.exists(file) ? misfit(file.toString())
                : new CannotStart("the master key in " + file + " is gone, but the database has keys that it wraps; "
                        + "put it back from a backup. " + LOST));
    }

    private static final String LOST = "Without it everything sealed is lost: sensitive values, second factors and "
            + "signing keys; see docs/concepts/encryption.md";

    private static CannotStart misfit(String where) {
        return new CannotStart(where + " is not the master key of this database; give back the one before, or, after "
                + "a change on purpose, run: iotflow admin rotate-master-key. " + LOST);
    }

    /// The one that is configured to be elsewhere than in the data folder.
    private Optional<MasterKey> outside() {
        return config.keyCommand().<MasterKey>map(this::command)
                .or(() -> config.masterKey().map(it -> MasterKey.Held.of("encryption.master_key", it)));
    }

    private MasterKey command(Path program) {
        return new MasterKey.Command(program, config.keyCommandTimeout());
    }

    private static MasterKey held(Path file) {
        try {
            return MasterKey.Held.of(file.toString(), SecretFile.read(file));
        } catch (IOException e) {
            throw new CannotStart("the master key in " + file + " cannot be read: " + e, e);
        }
    }

    private static void write(Path file, String key) {
        try {
            SecretFile.write(file, key);
        } catch (IOException e) {
            throw new CannotStart("the master key in " + file + " cannot be made: " + e, e);
        }
    }

    private void move() {
        try {
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CannotStart("the new master key cannot be moved to " + file + ": " + e, e);
        }
    }

    /// Wraps every key anew. The old master key is the configured one, the one configured as previous, or the one in
    /// the data folder, whichever opens; the new one is the configured one if that is another, else it is made. A
    /// file's old key is gone afterwards.
    ///
    /// Nobody else may use the database meanwhile; a node that does cannot make keys until it is started again.
    ///
    /// @return what was done, for the operator
    /// @throws CannotStart when none opens, or there is no new one
    public String rotate(Database database, InstantSource clock) {
        var store = new KeyStore();
        var present = database.transaction(OrganizationPath.ROOT, store::wrappingKey).orElseThrow(() ->
                new CannotStart("there is no key yet; the first start makes them"));
        var outside = outside();
        var byOutside = outside.flatMap(master -> master.unwrap(present.wrapped()));
        var old = byOutside.or(() -> previous(present.wrapped())).orElseThrow(() -> new CannotStart(
                "no master key fits; set encryption.previous_master_key or"
                + " encryption.previous_key_command to the one before. " + LOST));
        if (byOutside.isPresent() && outside.get() instanceof MasterKey.Held) {
            throw new CannotStart("encryption.master_key is the present key; set it to a new one (openssl rand -base64"
                    + " 32) and encryption.previous_master_key to the present one");
        }
        if (outside.isEmpty()) write(next, MasterKey.Held.random());
        var fresh = outside.orElseGet(() -> held(next));
        var wrappingKey = Xaes.random(Xaes.KEY_BYTES);
        var wrapped = fresh.wrap(wrappingKey);
        var count = database.transaction(OrganizationPath.ROOT, handle -> {
            store.lock(handle);
            if (!store.wrappingKey(handle).equals(Optional.of(present))) {
                throw new CannotStart("somebody else has just replaced the master key");
            }
            var id = store.insertWrappingKey(handle, wrapped, clock.instant());
            var from = new Wrapping(present.id(), old);
            var to = new Wrapping(id, wrappingKey);
            var living = store.living(handle);
            for (var key : living) store.rewrap(handle, key.id(), to.wrap(key.id(), from.unwrap(key)), id);
            store.moveDestroyed(handle, id);
            store.deleteWrappingKey(handle, present.id());
            return living.size();
        });
        if (outside.isEmpty()) move();
        return count + " keys are wrapped by the new master key now, which is " + (outside.isEmpty()
                ? "in " + file + "; the old one is gone" : outside.get().where()
                + "; the old one opens nothing any more" + (deleted() ? " and was removed from " + file : ""));
    }

    private Optional<byte[]> previous(String wrapped) {
        var given = config.previousKeyCommand().<MasterKey>map(this::command).or(() ->
                config.previousMasterKey().map(it -> MasterKey.Held.of("encryption.previous_master_key", it)));
        return given.flatMap(master -> master.unwrap(wrapped))
                .or(() -> Files.exists(file) ? held(file).unwrap(wrapped) : Optional.empty())
                .or(() -> Files.exists(next) ? held(next).unwrap(wrapped) : Optional.empty());
    }

    private boolean deleted() {
        try {
            return Files.deleteIfExists(file) | Files.deleteIfExists(next);
        } catch (IOException e) {
            throw new CannotStart("the keys are wrapped anew, but the old master key in " + file
                    + " cannot be removed: " + e.getMessage(), e);
        }
    }
}
