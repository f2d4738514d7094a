package io.iotflow.server.access;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.encryption.KeyRing;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The Ed25519 keys that sign access tokens: made at the first start, shared by all nodes, followed by a new one every
/// 30 days. An older one stays until the last token that it has signed is over. Private keys stand in the database
/// sealed.
public final class SigningKeys {
    /// Any number that no other lock of ours has.
    private static final long LOCK = 7_305_441_908L;

    private static final String KIND = "signing key";
    /// A private key as it is without being sealed, as it stood in the database before keys were.
    private static final int CLEAR_BYTES = 48;

    private final Database database;
    private final KeyRing keyRing;
    private final AccessMemory memory;
    private final Duration tokenTime;
    private final InstantSource clock;
    private volatile List<Key> keys;

    record Key(String id, PublicKey publicKey, PrivateKey privateKey, Instant createdAt) {}

    public SigningKeys(Database database, KeyRing keyRing, AccessMemory memory, AccessConfig config,
            InstantSource clock) {
        this.database = database;
        this.keyRing = keyRing;
        this.memory = memory;
        this.tokenTime = config.accessTime();
        this.clock = clock;
        memory.onKeys(() -> keys = null);
        sealOld();
        signing();
    }

    private void sealOld() {
        database.transaction(OrganizationPath.ROOT, handle -> {
            handle.createQuery("SELECT id, private_key FROM signing_keys WHERE length(private_key) = :clear FOR UPDATE")
                    .bind("clear", CLEAR_BYTES)
                    .map((row, _) -> Map.entry(row.getString("id"), row.getBytes("private_key"))).list()
                    .forEach(key -> handle.createUpdate("UPDATE signing_keys SET private_key = :key WHERE id = :id")
                            .bind("key", keyRing.seal(KIND, key.getKey(), key.getValue())).bind("id", key.getKey())
                            .execute());
            return null;
        });
    }

    /// The one that signs now.
    Key signing() {
        var known = known();
        return known.isEmpty() || isOld(known.getFirst()) ? renewed().getFirst() : known.getFirst();
    }

    /// Every one whose tokens may still be good, the newest first.
    List<Key> published() {
        var newest = signing();
        var isFresh = clock.instant().isBefore(newest.createdAt().plus(tokenTime));
        return known().stream().filter(key -> key.equals(newest) || isFresh).toList();
    }

    Optional<Key> find(String id) {
        return known().stream().filter(key -> key.id().equals(id)).findFirst();
    }

    private List<Key> known() {
        var known = keys;
        if (known != null) return known;
        known = database.transaction(OrganizationPath.ROOT, this::load);
        keys = known;
        return known;
    }

    /// Only one node makes it. Of the older ones the latest stays: its last tokens are still good, those of the others
    /// have been over for long.
    private synchronized List<Key> renewed() {
        var renewed = database.transaction(OrganizationPath.ROOT, handle -> {
            handle.createQuery("SELECT pg_advisory_xact_lock(:lock)::text").bind("lock", LOCK)
                    .mapTo(String.class).one();
            var known = load(handle);
            if (!known.isEmpty() && !isOld(known.getFirst())) return known;
            handle.execute("""
                    DELETE FROM signing_keys
                    WHERE created_at < (SELECT max(created_at) FROM signing_keys)""");
            insert(handle);
            memory.publish(handle, AccessMemory.allChanged());
            return load(handle);
        });
        keys = renewed;
        return renewed;
    }

    private boolean isOld(Key key) {
        return !clock.instant().isBefore(key.createdAt().plus(Limits.SIGNING_KEY_TIME));
    }

    private void insert(Handle handle) {
        try {
            var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            var id = HexFormat.of().formatHex(SecretText.random(8));
            handle.createUpdate("""
                    INSERT INTO signing_keys (id, organization, public_key, private_key, created_at)
                    VALUES (:id, :organization, :public, :private, :now)""")
                    .bind("id", id).bind("organization", OrganizationPath.ROOT.text())
                    .bind("public", pair.getPublic().getEncoded())
                    .bind("private", keyRing.seal(KIND, id, pair.getPrivate().getEncoded()))
                    .bind("now", utc(clock.instant())).execute();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every JDK has Ed25519", e);
        }
    }

    private List<Key> load(Handle handle) {
        return handle.createQuery("SELECT * FROM signing_keys ORDER BY created_at DESC")
                .map((row, _) -> key(row)).list();
    }

    private Key key(ResultSet row) throws SQLException {
        try {
            var id = row.getString("id");
            var secret = keyRing.open(KIND, id, row.getBytes("private_key")).orElseThrow(() ->
                    new IllegalStateException("signing key " + id + " was changed in the database; delete its row"));
            var keys = KeyFactory.getInstance("Ed25519");
            return new Key(id, keys.generatePublic(new X509EncodedKeySpec(row.getBytes("public_key"))),
                    keys.generatePrivate(new PKCS8EncodedKeySpec(secret)),
                    row.getObject("created_at", OffsetDateTime.class).toInstant());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: a signing key that is none", e);
        }
    }

    private static OffsetDateTime utc(Instant time) {
        return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
    }
}
