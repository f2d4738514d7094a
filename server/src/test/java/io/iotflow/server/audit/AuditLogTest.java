package io.iotflow.server.audit;

import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.ledger.Checkpoint;
import io.iotflow.ledger.Hash;
import io.iotflow.ledger.Proofs;
import io.iotflow.ledger.Span;
import io.iotflow.ledger.Verdict;
import io.iotflow.ledger.Verifier;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.DatabaseConfig;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;
import io.iotflow.server.encryption.EncryptionConfig;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.encryption.MasterKeys;
import io.iotflow.server.encryption.SealedMetadata;
import io.iotflow.server.encryption.SensitiveFields;
import io.iotflow.server.http.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log on a PostgreSQL of its own, because here it is tampered with.
class AuditLogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Actor ANNA = new Actor(Actor.Kind.USER, "3", "anna", ROOT, "192.0.2.7", "http");

    @TempDir
    Path folder;

    @TempDir
    static Path home;

    private static Database database;

    private final InstantSource clock = InstantSource.system();
    private AuditLog log;
    private Audit audit;
    private DeviceRegistry devices;

    @BeforeAll
    static void openDatabase() {
        database = Database.open(DatabaseConfig.embedded(), home);
    }

    @AfterAll
    static void closeDatabase() {
        database.close();
    }

    @BeforeEach
    void open() {
        tamper("TRUNCATE audit_entries", "TRUNCATE audit_tiles", "TRUNCATE audit_checkpoints",
                "TRUNCATE devices CASCADE");
        log = openLog();
        audit = new Audit(database, clock);
        var keyRing = new KeyRing(database,
                new MasterKeys(EncryptionConfig.standard(), home.resolve("master-key")), clock);
        devices = new DeviceRegistry(database, DeviceConfig.standard(),
                new SealedMetadata(new SensitiveFields(database, keyRing, audit, clock), keyRing), audit, clock);
    }

    private AuditLog openLog() {
        return AuditLog.open(database, AuditConfig.standard(), folder.resolve("audit-key"), clock);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void lamps(int count) {
        for (int i = 0; i < count; i++) lamp(Integer.toString(i), ROOT, ANNA);
    }

    private void lamp(String id, OrganizationPath organization, Actor by) {
        audit.record(by, "lamp.lit", new Audit.Target("lamp", id, "lamp " + id, organization), Audit.NOTHING,
                json("{\"lit\":true}"));
    }

    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Checkpoint checkpoint() throws InterruptedException {
        assertThat(log.catchUp(PATIENCE)).isTrue();
        return Checkpoint.open(log.checkpoint(), log.key());
    }

    private Verdict verify(OrganizationPath scope) throws InterruptedException, IOException {
        var size = checkpoint().size();
        var out = new ByteArrayOutputStream();
        log.export(scope, log.checkpoint(), new Span(0, size), OptionalLong.empty(), out);
        return new Verifier().expecting(log.key()).verify(new ByteArrayInputStream(out.toByteArray()));
    }

    private List<AuditStore.Row> rows() {
        return database.transaction(ROOT, handle -> AuditStore.numbered(handle, 0, Long.MAX_VALUE, 10_000));
    }

    /// Past the triggers, as an owner who means to cheat.
    private static void tamper(String... statements) {
        database.transaction(ROOT, handle -> {
            for (var table : List.of("audit_entries", "audit_tiles", "audit_checkpoints")) {
                handle.execute("ALTER TABLE " + table + " DISABLE TRIGGER USER");
            }
            for (var statement : statements) handle.execute(statement);
            for (var table : List.of("audit_entries", "audit_tiles", "audit_checkpoints")) {
                handle.execute("ALTER TABLE " + table + " ENABLE TRIGGER USER");
            }
            return null;
        });
    }

    @Test
    void anEmptyLogHasASignedCheckpoint() throws Exception {
        assertThat(checkpoint().size()).isZero();
        assertThat(checkpoint().root()).isEqualTo(Hash.EMPTY);
        assertThat(Files.getPosixFilePermissions(folder.resolve("audit-key")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void everyEntryIsProvenInTheOrderInWhichItWasRecorded() throws Exception {
        lamps(300);
        var checkpoint = checkpoint();
        assertThat(checkpoint.size()).isEqualTo(300);
        for (var row : rows()) {
            var proof = log.proof(ROOT, row.id());
            assertThat(row.body()).contains("\"id\":\"" + row.index().getAsLong() + "\"");
            assertThat(Proofs.verifyInclusion(proof.leaf(), row.index().getAsLong(), checkpoint.size(),
                    proof.hashes(), checkpoint.root())).isTrue();
        }
        lamps(1);
        assertThat(Proofs.verifyConsistency(300, checkpoint.root(), 301, checkpoint().root(),
                log.consistency(300, 301))).isTrue();
        assertThat(verify(ROOT)).isInstanceOfSatisfying(Verdict.Intact.class,
                intact -> assertThat(intact.entries()).isEqualTo(301));
    }

    @Test
    void whatWasNotDoneIsNotRecordedAndTheOtherWayRound() throws Exception {
        devices.register(ANNA, "porch", Profile.of("lamp"), DeviceStatus.ACTIVE);
        assertThatThrownBy(() -> devices.register(ANNA, "porch", Profile.of("lamp"), DeviceStatus.ACTIVE))
                .isInstanceOf(PlatformException.class);
        assertThatThrownBy(() -> database.transaction(ROOT, handle -> {
            audit.record(handle, ANNA, "lamp.lit", new Audit.Target("lamp", "1", "", ROOT), Audit.NOTHING,
                    Audit.NOTHING);
            throw new IllegalStateException("the act fails");
        })).isInstanceOf(IllegalStateException.class);
        assertThat(checkpoint().size()).isOne();
        // An entry that cannot be written undoes the act.
        tamper("ALTER TABLE audit_entries ADD CONSTRAINT refuse CHECK (organization = '') NOT VALID");
        assertThatThrownBy(() -> devices.register(ANNA, "door", Profile.of("lock"), DeviceStatus.ACTIVE))
                .isInstanceOf(JdbiException.class);
        tamper("ALTER TABLE audit_entries DROP CONSTRAINT refuse");
        assertThat(devices.find(ROOT, "door")).isEmpty();
    }

    @Test
    void aDevicesLifeIsRecordedWithWhatChanged() throws Exception {
        var id = devices.register(ANNA, "porch", Profile.of("lamp"), DeviceStatus.ACTIVE).device().id();
        devices.update(ANNA, id, OptionalLong.empty(), now -> now.withName("terrace"));
        devices.update(ANNA, id, OptionalLong.empty(), now -> now);
        devices.rotateKey(ANNA, id, Duration.ofHours(1));
        devices.changeStatus(ANNA, id, DeviceStatus.QUARANTINED);
        devices.decommission(ANNA, id);
        checkpoint();
        var entries = rows().stream().map(row -> json(row.body())).toList();
        assertThat(entries).extracting(entry -> entry.path("action").asText()).containsExactly("device.registered",
                "device.updated", "device.key_rotated", "device.status_changed", "device.decommissioned");
        assertThat(entries.get(0).path("after")).isEqualTo(
                json("{\"device_type\":\"lamp\",\"name\":\"porch\",\"status\":\"active\"}"));
        assertThat(entries.get(1).path("before")).isEqualTo(json("{\"name\":\"porch\"}"));
        assertThat(entries.get(1).path("after")).isEqualTo(json("{\"name\":\"terrace\"}"));
        assertThat(entries.get(4).path("after")).isEqualTo(json("{\"status\":\"decommissioned\"}"));
        for (var entry : entries) {
            assertThat(entry.path("actor")).isEqualTo(json("{\"id\":\"3\",\"name\":\"anna\",\"type\":\"user\"}"));
            assertThat(entry.path("source")).isEqualTo(
                    json("{\"address\":\"192.0.2.7\",\"protocol\":\"http\"}"));
            assertThat(entry.path("target").path("id").asText()).isEqualTo(id.toString());
        }
    }

    @Test
    void secretsAreLeftOutAndLongValuesShortened() {
        var changed = ChangedFields.between(json("{\"same\":1,\"Wifi-Password\":\"a\"}"), json("""
                {"same":1,"Wifi-Password":"b","apiKey":"k","nested":{"access_token":"t","n":9007199254740993},
                "long":"%s"}""".formatted("x".repeat(600))));
        assertThat(changed.before().values()).containsOnlyKeys("Wifi-Password");
        var after = new String(changed.after().canonical(), StandardCharsets.UTF_8);
        assertThat(json(after).path("Wifi-Password").asText()).isEqualTo(ChangedFields.LEFT_OUT);
        assertThat(json(after).path("apiKey").asText()).isEqualTo(ChangedFields.LEFT_OUT);
        assertThat(json(after).path("nested")).isEqualTo(
                json("{\"access_token\":\"(left out)\",\"n\":\"9007199254740993\"}"));
        assertThat(json(after).path("long").path("bytes").asInt()).isEqualTo(602);
        assertThat(json(after).path("long").path("sha256").asText()).hasSize(64);
    }

    @Test
    void whatPeopleTypeCannotKeepAnEntryFromBeingWritten() throws Exception {
        var odd = "\0\uD800" + "é".repeat(400);
        audit.record(new Actor(Actor.Kind.ANYBODY, odd, odd, ROOT, odd, "http"), "user.sign_in_failed",
                new Audit.Target("user", odd, odd, ROOT), Audit.NOTHING,
                Json.mapper().createObjectNode().put(odd, odd));
        assertThat(checkpoint().size()).isOne();
        assertThat(verify(ROOT)).isInstanceOf(Verdict.Intact.class);
    }

    @Test
    void eachOrganizationSeesAndExportsItsOwn() throws Exception {
        var ours = ROOT.child(7);
        lamps(3);
        lamp("ours", ours, new Actor(Actor.Kind.USER, "4", "bela", ours, "", "http"));
        lamps(3);
        assertThat(checkpoint().size()).isEqualTo(7);
        var query = new AuditQuery(List.of("true"), Map.of(), 10);
        assertThat(log.list(ROOT, query).entries()).hasSize(7);
        assertThat(log.list(ours, query).entries()).singleElement()
                .satisfies(row -> assertThat(row.body()).contains("bela"));
        assertThat(verify(ours)).isInstanceOfSatisfying(Verdict.Intact.class, intact -> {
            assertThat(intact.entries()).isOne();
            assertThat(intact.span()).isEmpty();
        });
        var foreign = rows().getFirst().id();
        assertThatThrownBy(() -> log.proof(ours, foreign)).isInstanceOf(PlatformException.class);
    }

    @Test
    void ofTwoNodesNoneSkipsOrDoubles() throws Exception {
        try (var other = openLog(); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begin = new CountDownLatch(1);
            var done = new ArrayList<Future<?>>();
            for (int i = 0; i < 4; i++) {
                done.add(threads.submit(() -> {
                    begin.await();
                    lamps(50);
                    return null;
                }));
            }
            begin.countDown();
            for (var each : done) each.get();
            TestPlatform.await("all are numbered", () -> checkpointSize() == 200);
            assertThat(verify(ROOT)).isInstanceOfSatisfying(Verdict.Intact.class,
                    intact -> assertThat(intact.entries()).isEqualTo(200));
            assertThat(other.fault()).isEmpty();
        }
    }

    private long checkpointSize() {
        return Checkpoint.open(log.checkpoint(), log.key()).size();
    }

    @Test
    void theLogOnlyGrowsForWhoeverWorksAsThePlatform() throws Exception {
        lamps(2);
        checkpoint();
        for (var statement : List.of("UPDATE audit_entries SET body = replace(body, 'anna', 'bela')",
                "UPDATE audit_entries SET leaf_index = leaf_index + 10", "UPDATE audit_entries SET leaf_index = NULL",
                "UPDATE audit_entries SET organization = '/1/7/'", "DELETE FROM audit_entries",
                "TRUNCATE audit_entries", "UPDATE audit_tiles SET hashes = sha256('other')", "DELETE FROM audit_tiles",
                "UPDATE audit_tiles SET index = 9", "TRUNCATE audit_tiles",
                "UPDATE audit_checkpoints SET note = ''", "DELETE FROM audit_checkpoints",
                "TRUNCATE audit_checkpoints")) {
            assertThatThrownBy(() -> database.transaction(ROOT, handle -> handle.execute(statement))).as(statement)
                    .isInstanceOf(JdbiException.class).hasMessageContaining("the audit log only grows");
        }
    }

    @Test
    void anEntryThatWasChangedInTheDatabaseIsNamedByTheVerifier() throws Exception {
        lamps(300);
        checkpoint();
        tamper("UPDATE audit_entries SET body = replace(body, 'anna', 'bela') WHERE leaf_index = 123");
        assertThat(verify(ROOT)).isInstanceOfSatisfying(Verdict.Broken.class,
                broken -> assertThat(broken.firstIndex()).isEqualTo(123));
    }

    @Test
    void anEntryThatWasRemovedFromTheDatabaseIsNamedByTheVerifier() throws Exception {
        lamps(300);
        checkpoint();
        tamper("DELETE FROM audit_entries WHERE leaf_index = 271");
        assertThat(verify(ROOT)).isInstanceOfSatisfying(Verdict.Broken.class,
                broken -> assertThat(broken.firstIndex()).isEqualTo(271));
    }

    @Test
    void aTamperedTreeIsNotSignedAnyMore() throws Exception {
        lamps(3);
        var before = checkpoint();
        tamper("UPDATE audit_tiles SET hashes = overlay(hashes PLACING sha256('other') FROM 1)");
        lamps(1);
        assertThat(log.catchUp(Duration.ofMillis(500))).isFalse();
        TestPlatform.await("the fault is told", () -> log.fault().contains("not what was signed"));
        assertThat(Checkpoint.open(log.checkpoint(), log.key())).isEqualTo(before);
        assertThat(database.transaction(ROOT, AuditStore::countUnnumbered)).as("still recorded").isOne();
    }

    @Test
    void aLogThatWasEmptiedWhileThePlatformRunsIsNotBegunAnew() throws Exception {
        lamps(3);
        checkpoint();
        tamper("TRUNCATE audit_entries", "TRUNCATE audit_tiles", "TRUNCATE audit_checkpoints");
        lamps(1);
        TestPlatform.await("the fault is told", () -> log.fault().contains("had 3 entries"));
    }

    @Test
    void aKeyThatIsNoneIsToldAtTheStartWithoutRepeatingIt() throws Exception {
        var file = Files.writeString(folder.resolve("other-key"), "PRIVATE+KEY+hunter2");
        assertThatThrownBy(() -> AuditKey.of(AuditConfig.standard(), file)).isInstanceOf(CannotStart.class)
                .hasMessageContaining("other-key").hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> AuditKey.of(new AuditConfig(Optional.of("hunter2"), Optional.empty()), file))
                .isInstanceOf(CannotStart.class).hasMessageNotContaining("hunter2");
    }
}
