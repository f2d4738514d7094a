package io.iotflow.server.firmware;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/// The firmware images and the keys that sign them, and the only door for changing one.
///
/// As soon as an organization, or one above it, has a key, its images must be signed: also those that were uploaded
/// before are not offered without a good signature any more.
public final class Images {
    private final Database database;
    private final FirmwareConfig config;
    private final ImageFiles files;
    private final Audit audit;
    private final InstantSource clock;
    private final ImageStore store = new ImageStore();
    private final List<Consumer<Image>> published = new CopyOnWriteArrayList<>();

    public Images(Database database, FirmwareConfig config, Path folder, Audit audit, InstantSource clock) {
        this.database = database;
        this.config = config;
        this.files = new ImageFiles(folder);
        this.audit = audit;
        this.clock = clock;
    }

    Page<Image> list(OrganizationPath scope, Page.Wish wish, Optional<ImageDraft.Channel> channel,
            Optional<String> name) {
        return database.transaction(scope, handle ->
                Page.of(store.list(handle, wish, channel, name), wish, Image::id));
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside the scope
    public Image require(OrganizationPath scope, long id) {
        return store.find(database, scope, id).orElseThrow(Images::notFound);
    }

    /// The ready image of the same name in another version, if there is one.
    public Optional<Image> sibling(Image image, String version) {
        return database.transaction(OrganizationPath.ROOT, handle ->
                store.find(handle, image.organization(), image.about().name(), version))
                .filter(other -> other.state() == Image.State.READY);
    }

    /// The image of the same name in another version, as far as its bytes are there.
    Optional<Image> ofVersion(Image image, String version) {
        return database.transaction(OrganizationPath.ROOT, handle ->
                store.find(handle, image.organization(), image.about().name(), version))
                .filter(other -> other.state() != Image.State.UPLOADING);
    }

    /// Ready images of the same name that were made before, the latest first.
    List<Image> before(Image image, int most) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.before(handle, image, most));
    }

    /// Told of each image that is ready from now on; must be quick.
    void onPublished(Consumer<Image> listener) {
        published.add(listener);
    }

    ImageFiles files() {
        return files;
    }

    /// Bytes of all images and deltas; nobody else reserves any until the transaction ends.
    long reserved(Handle handle) {
        return store.reserved(handle);
    }

    long uploaded(Image image) {
        return files.uploaded(image.id());
    }

    /// Makes room for an image whose bytes are to come.
    Image create(Actor by, OrganizationPath organization, ImageDraft draft) {
        var key = signer(organization, HexFormat.of().parseHex(draft.sha256()), draft.signature());
        try {
            return database.transaction(OrganizationPath.ROOT, handle -> {
                if (store.reserved(handle) + draft.size() > config.diskBytes()) {
                    throw new PlatformException(ErrorCode.CONFLICT, "There is no room for the image: all together may "
                            + "take " + config.diskGib() + " GiB. Delete some, or set firmware.disk_gib.");
                }
                if (store.count(handle, organization) >= FirmwareLimits.FIRMWARE_IMAGES) {
                    throw new PlatformException(ErrorCode.CONFLICT, "The organization has "
                            + FirmwareLimits.FIRMWARE_IMAGES + " images; delete some.");
                }
                var made = store.insert(handle, organization, draft, key.map(FirmwareKey::id), now());
                audit.record(handle, by, "firmware.created", made.target(), Audit.NOTHING, made.document());
                return made;
            });
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "The organization has this version already; give the "
                    + "image another version.");
        }
    }

    /// The registered key that has signed; empty where none is needed.
    private Optional<FirmwareKey> signer(OrganizationPath organization, byte[] sha256, Optional<byte[]> signature) {
        var keys = database.transaction(OrganizationPath.ROOT, handle -> store.keysFor(handle, organization));
        if (signature.isEmpty()) {
            if (keys.isEmpty()) return Optional.empty();
            throw PlatformException.invalid("signature", "is missing: firmware of this organization must be signed by "
                    + "one of the keys of GET /firmware/keys");
        }
        return Optional.of(keys.stream().filter(key -> key.hasSigned(sha256, signature.get())).findFirst()
                .orElseThrow(() -> PlatformException.invalid("signature", "is by none of the registered keys; register "
                        + "the public key first, and sign as docs/reference/firmware.md says")));
    }

    /// See [ImageFiles#append].
    long upload(OrganizationPath scope, long id, long offset, InputStream in) throws IOException {
        var image = require(scope, id);
        if (image.state() != Image.State.UPLOADING) {
            throw new PlatformException(ErrorCode.CONFLICT, "The image is complete; upload another version.");
        }
        var uploaded = files.append(id, offset, image.about().size(), in);
        database.transaction(scope, handle -> {
            store.touch(handle, id, now());
            return null;
        });
        return uploaded;
    }

    /// Makes an image ready when all of it is there and has the hash that was announced.
    Image finish(Actor by, long id) throws IOException {
        var image = require(by.organization(), id);
        var uploaded = files.uploaded(id);
        if (image.state() != Image.State.UPLOADING) return image;
        if (uploaded != image.about().size()) {
            throw new PlatformException(ErrorCode.CONFLICT, "Of " + image.about().size() + " bytes " + uploaded
                    + " are there; upload the rest first.");
        }
        var found = files.complete(id, image.about().sha256());
        if (!found.sha256().equals(image.about().sha256())) {
            throw new PlatformException(ErrorCode.CONFLICT, "The bytes have the SHA-256 " + found.sha256()
                    + ", not the one that was announced; upload them again from byte 0, or delete the image.");
        }
        database.transaction(by.organization(), handle -> {
            store.keepHashes(handle, id, found);
            return null;
        });
        var ready = changed(by, id, OptionalLong.empty(), Image.State.READY, "firmware.published");
        published.forEach(listener -> listener.accept(ready));
        return ready;
    }

    /// All hashes of an image that is complete.
    ImageFiles.Hashes hashes(Image image) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.hashes(handle, image.id()));
    }

    /// Nobody is offered it any more; those that have begun go on.
    Image withdraw(Actor by, long id, OptionalLong expected) {
        return changed(by, id, expected, Image.State.WITHDRAWN, "firmware.withdrawn");
    }

    private Image changed(Actor by, long id, OptionalLong expected, Image.State state, String action) {
        return database.transaction(by.organization(), handle -> {
            var before = required(handle, id, expected);
            if (before.state() == state) return before;
            var after = store.changeState(handle, id, state, now());
            audit.record(handle, by, action, after.target(), before.document(), after.document());
            return after;
        });
    }

    void delete(Actor by, long id, OptionalLong expected) {
        try {
            database.transaction(by.organization(), handle -> {
                var gone = required(handle, id, expected);
                store.delete(handle, id);
                audit.record(handle, by, "firmware.deleted", gone.target(), gone.document(), Audit.NOTHING);
                return null;
            });
        } catch (RuntimeException e) {
            if (!Database.isStillUsed(e)) throw e;
            throw new PlatformException(ErrorCode.CONFLICT, "Devices were offered this image, so it is part of their "
                    + "history; withdraw it instead.");
        }
        files.delete(id);
    }

    private Image required(Handle handle, long id, OptionalLong expected) {
        var image = store.findForUpdate(handle, id).orElseThrow(Images::notFound);
        if (expected.isPresent() && expected.getAsLong() != image.revision()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The image has changed since it was read.");
        }
        return image;
    }

    /// Whether the file still is what was signed and published. Reads all of it.
    ///
    /// @return why it may not be offered; empty if it may
    public Optional<String> problem(Image image) throws IOException {
        if (!files.isWhole(image.id())) return Optional.of("the image's file is not in the data folder");
        if (!files.hash(image.id()).equals(image.about().sha256())) {
            return Optional.of("the image's file does not have the SHA-256 that was published");
        }
        return signatureProblem(image);
    }

    /// Whether its signature is good by the keys of now.
    public Optional<String> signatureProblem(Image image) {
        try {
            signer(image.organization(), image.hash(), image.about().signature());
            return Optional.empty();
        } catch (PlatformException refused) {
            if (refused.code() != ErrorCode.INVALID) throw refused;
            return Optional.of("the image is not signed by a key that is registered now");
        }
    }

    /// The bytes of an image that is complete.
    FileChannel open(Image image) throws IOException {
        return files.open(image.id());
    }

    /// Whether the bytes of a complete image begin with these.
    boolean begins(Image image, byte[] with) {
        try (var file = files.open(image.id())) {
            var bytes = ByteBuffer.allocate(with.length);
            while (bytes.hasRemaining() && file.read(bytes) >= 0) { } // there may be more
            return Arrays.equals(bytes.array(), with);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forgets uploads that nobody has gone on with for a day.
    void forgetForsaken() throws IOException {
        files.discardParts(now().minus(FirmwareLimits.FIRMWARE_UPLOAD_TIME));
        var forsaken = database.transaction(OrganizationPath.ROOT, handle ->
                store.forsaken(handle, now().minus(FirmwareLimits.FIRMWARE_UPLOAD_TIME)));
        for (var image : forsaken) delete(Actor.PLATFORM, image.id(), OptionalLong.of(image.revision()));
    }

    Page<FirmwareKey> keys(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(store.keys(handle, wish), wish, FirmwareKey::id));
    }

    FirmwareKey register(Actor by, OrganizationPath organization, String name, PublicKey key) {
        try {
            return database.transactionInTurn(by.organization(), organization.id(), handle -> {
                if (store.countKeys(handle, organization) >= FirmwareLimits.FIRMWARE_KEYS) {
                    throw new PlatformException(ErrorCode.CONFLICT, "The organization has "
                            + FirmwareLimits.FIRMWARE_KEYS + " keys; remove one that is not used any more.");
                }
                var made = store.insertKey(handle, organization, name, key, now());
                audit.record(handle, by, "firmware_key.registered", made.target(), Audit.NOTHING, made.document());
                return made;
            });
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "Another key of the organization has this name.");
        }
    }

    /// What it has signed is not offered any more.
    void remove(Actor by, long key) {
        database.transaction(by.organization(), handle -> {
            var gone = store.deleteKey(handle, key).orElseThrow(() -> PlatformException.notFound("such key"));
            audit.record(handle, by, "firmware_key.removed", gone.target(), gone.document(), Json.mapper()
                    .createObjectNode());
            return null;
        });
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such firmware");
    }
}
