package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// What devices attest. A device that proves, over a challenge of ours, to be something else than it should goes into
/// quarantine in the same transaction in which its statement is kept.
public final class AttestationRoutes implements Routes {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final DeviceRegistry registry;
    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final AttestationStore store = new AttestationStore();

    record NewReference(JsonNode publicKey, Set<String> firmwareHashes, Map<String, String> bootState) {
        NewReference {
            if (publicKey == null || !publicKey.isObject()) throw PlatformException.invalid("public_key", "is missing");
            if (firmwareHashes == null) throw PlatformException.invalid("firmware_hashes", "is missing");
            if (bootState == null) bootState = Map.of();
        }
    }

    record Statement(String statement) {
        Statement {
            if (statement == null) throw PlatformException.invalid("statement", "is missing");
        }
    }

    public AttestationRoutes(DeviceRegistry registry, Database database, Audit audit, InstantSource clock) {
        this.registry = registry;
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        table.put("devices/{device}/attestation/reference", Access.with(Permission.CREDENTIALS_WRITE),
                this::setReference);
        table.get("devices/{device}/attestation/challenge", Access.DEVICE, this::challenge);
        table.post("devices/{device}/attestation", Access.DEVICE, this::attest).repeatable();
        table.get("devices/{device}/attestation", Access.deviceOrWith(Permission.DEVICES_READ), this::show);
    }

    private Reply setReference(Request request) {
        var device = device(request);
        var wish = request.json(NewReference.class);
        var reference = new Attestation.Reference(wish.publicKey().toString(), wish.firmwareHashes(),
                wish.bootState(), clock.instant().truncatedTo(ChronoUnit.MICROS));
        return database.transaction(request.scope(), handle -> {
            var before = store.reference(handle, device.id());
            store.setReference(handle, device.id(), reference);
            audit.record(handle, request.actor(), "device.attestation_set", device.target(),
                    before.<JsonNode>map(AttestationRoutes::json).orElse(Audit.NOTHING), json(reference));
            return Reply.ok(json(reference));
        });
    }

    private Reply challenge(Request request) {
        var device = device(request);
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        var nonce = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        var until = clock.instant().plus(Limits.ATTESTATION_TIME).truncatedTo(ChronoUnit.MICROS);
        var isKnown = database.transaction(request.scope(), handle ->
                store.setChallenge(handle, device.id(), nonce, until));
        if (!isKnown) throw noReference();
        return Reply.ok(Json.mapper().createObjectNode().put("nonce", nonce).put("expires_at", until.toString()));
    }

    private Reply attest(Request request) {
        var device = device(request);
        var stated = Attestation.parse(request.json(Statement.class).statement());
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var kept = new AttestationStore.Evidence[1];
        // The platform acts: a device cannot quarantine itself, and must not keep it from happening.
        registry.update(Actor.PLATFORM, device.id(), OptionalLong.empty(), (handle, draft) -> {
            var reference = store.reference(handle, device.id()).orElseThrow(AttestationRoutes::noReference);
            if (!store.takeChallenge(handle, device.id(), stated.nonce(), now)) {
                throw new PlatformException(ErrorCode.CONFLICT,
                        "The nonce is not the present challenge, or too old; ask for a new one.");
            }
            var differences = stated.differences(reference);
            kept[0] = store.insert(handle, device.id(), stated.text(), differences, now);
            return differences.isEmpty() ? draft : draft.withQuarantine("what it attests differs in "
                    + String.join(", ", differences));
        });
        return Reply.ok(json(kept[0]));
    }

    private Reply show(Request request) {
        var device = device(request);
        return database.transaction(request.scope(), handle -> {
            var answer = Json.mapper().createObjectNode();
            answer.set("reference", store.reference(handle, device.id()).map(AttestationRoutes::json).orElse(null));
            var all = answer.putArray("attestations");
            for (var evidence : store.list(handle, device.id())) {
                all.add(json(evidence).put("statement", evidence.statement()));
            }
            return Reply.ok(answer.put("count", all.size()));
        });
    }

    private Device device(Request request) {
        return registry.require(request.caller(), request.parameter("device"));
    }

    private static ObjectNode json(Attestation.Reference reference) {
        var json = Json.mapper().createObjectNode();
        json.set("public_key", Json.read(reference.publicKey().getBytes(StandardCharsets.UTF_8)));
        var hashes = json.putArray("firmware_hashes");
        reference.firmwareHashes().stream().sorted().forEach(hashes::add);
        json.set("boot_state", Json.mapper().valueToTree(reference.bootState()));
        return json.put("updated_at", reference.updatedAt().toString());
    }

    private static ObjectNode json(AttestationStore.Evidence evidence) {
        var json = Json.mapper().createObjectNode().put("id", evidence.id())
                .put("verdict", evidence.differences().isEmpty() ? "verified" : "failed");
        evidence.differences().forEach(json.putArray("differences")::add);
        return json.put("created_at", evidence.createdAt().toString());
    }

    private static PlatformException noReference() {
        return new PlatformException(ErrorCode.CONFLICT,
                "Nobody has said what this device must attest; an operator can, at attestation/reference.");
    }
}
