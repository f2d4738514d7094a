package io.iotflow.server.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/// All SQL about what devices attest. Stateless; the caller holds the connection and the transaction.
final class AttestationStore {

    /// What has been stated.
    ///
    /// @param statement   as it was signed
    /// @param differences from what was expected; empty for a good one
    record Evidence(long id, String statement, List<String> differences, Instant createdAt) {}

    /// Locks its row until the transaction ends.
    Optional<Attestation.Reference> reference(Handle handle, DeviceId device) {
        return handle.createQuery("""
                SELECT public_key, array_to_string(firmware_hashes, ' ') AS hashes, boot_state, updated_at
                FROM attestation_references WHERE device_id = :device FOR UPDATE""")
                .bind("device", device.value()).map((row, _) -> reference(row)).findOne();
    }

    void setReference(Handle handle, DeviceId device, Attestation.Reference reference) {
        handle.createUpdate("""
                INSERT INTO attestation_references
                    (device_id, organization, public_key, firmware_hashes, boot_state, updated_at)
                SELECT id, organization, :key, string_to_array(:hashes, ' '), :boot::jsonb, :now
                FROM devices WHERE id = :device
                ON CONFLICT (device_id) DO UPDATE SET public_key = excluded.public_key,
                    firmware_hashes = excluded.firmware_hashes, boot_state = excluded.boot_state, challenge = NULL,
                    updated_at = excluded.updated_at""")
                .bind("device", device.value()).bind("key", reference.publicKey())
                .bind("hashes", String.join(" ", new TreeSet<>(reference.firmwareHashes())))
                .bind("boot", Json.mapper().valueToTree(reference.bootState()).toString())
                .bind("now", utc(reference.updatedAt())).execute();
    }

    /// The one that a statement must repeat from now on. False when there is no reference.
    boolean setChallenge(Handle handle, DeviceId device, String challenge, Instant until) {
        return handle.createUpdate("""
                UPDATE attestation_references SET challenge = :challenge, challenge_until = :until
                WHERE device_id = :device""")
                .bind("challenge", challenge).bind("until", utc(until)).bind("device", device.value()).execute() == 1;
    }

    /// Uses the challenge up. False when it is another one, or too old.
    boolean takeChallenge(Handle handle, DeviceId device, String challenge, Instant now) {
        return handle.createUpdate("""
                UPDATE attestation_references SET challenge = NULL
                WHERE device_id = :device AND challenge = :challenge AND challenge_until > :now""")
                .bind("device", device.value()).bind("challenge", challenge).bind("now", utc(now)).execute() == 1;
    }

    /// Keeps the newest ones only.
    Evidence insert(Handle handle, DeviceId device, String statement, List<String> differences, Instant now) {
        var made = handle.createQuery("""
                INSERT INTO attestations (device_id, organization, statement, differences, created_at)
                SELECT id, organization, :statement, string_to_array(:differences, E'\\n'), :now
                FROM devices WHERE id = :device
                RETURNING id, statement, array_to_string(differences, E'\\n') AS differences, created_at""")
                .bind("device", device.value()).bind("statement", statement)
                .bind("differences", String.join("\n", differences)).bind("now", utc(now))
                .map((row, _) -> evidence(row)).one();
        handle.createUpdate("""
                DELETE FROM attestations WHERE device_id = :device AND id NOT IN
                    (SELECT id FROM attestations WHERE device_id = :device ORDER BY id DESC LIMIT :keep)""")
                .bind("device", device.value()).bind("keep", Limits.ATTESTATIONS).execute();
        return made;
    }

    /// Newest first.
    List<Evidence> list(Handle handle, DeviceId device) {
        return handle.createQuery("""
                SELECT id, statement, array_to_string(differences, E'\\n') AS differences, created_at FROM attestations
                WHERE device_id = :device ORDER BY id DESC""")
                .bind("device", device.value()).map((row, _) -> evidence(row)).list();
    }

    private static Evidence evidence(ResultSet row) throws SQLException {
        var differences = row.getString("differences");
        return new Evidence(row.getLong("id"), row.getString("statement"),
                differences.isEmpty() ? List.of() : List.of(differences.split("\n")), time(row, "created_at"));
    }

    private static Attestation.Reference reference(ResultSet row) throws SQLException {
        try {
            Map<String, String> boot = Json.mapper().readValue(row.getString("boot_state"), new TypeReference<>() {});
            return new Attestation.Reference(row.getString("public_key"), Set.of(row.getString("hashes").split(" ")),
                    boot, time(row, "updated_at"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a boot state that is no JSON", e);
        }
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
