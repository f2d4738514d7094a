package io.iotflow.server.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/// A device's signed statement of what runs on it: a JWS (RFC 7515) over
/// `{"nonce": …, "firmware_hash": …, "boot_state": {…}}`, signed with Ed25519 or ECDSA on P-256. Pure.
///
/// @param text  as it was sent
/// @param nonce the challenge that it answers, as far as it says so itself
record Attestation(String text, String nonce, JsonNode claims, JsonWebSignature signature) {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final AlgorithmConstraints ALGORITHMS = new AlgorithmConstraints(ConstraintType.PERMIT,
            AlgorithmIdentifiers.EDDSA, AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);

    /// What a device must prove to be.
    ///
    /// @param publicKey      of the device, as a JWK
    /// @param firmwareHashes SHA-256 of each firmware that may run, in lower-case hexadecimal
    /// @param bootState      measures that must be as they are here; others do not matter
    record Reference(String publicKey, Set<String> firmwareHashes, Map<String, String> bootState, Instant updatedAt) {
        Reference {
            if (firmwareHashes.isEmpty() || firmwareHashes.size() > Limits.ATTESTED_FIRMWARES
                    || !firmwareHashes.stream().allMatch(hash -> hash != null && SHA_256.matcher(hash).matches())) {
                throw PlatformException.invalid("firmware_hashes", "must be 1 to " + Limits.ATTESTED_FIRMWARES
                        + " SHA-256 hashes of 64 lower-case hexadecimal digits");
            }
            if (bootState.size() > Limits.ATTESTED_MEASURES || !bootState.entrySet().stream().allMatch(it ->
                    isMeasure(it.getKey()) && isMeasure(it.getValue()))) {
                throw PlatformException.invalid("boot_state", "must have at most " + Limits.ATTESTED_MEASURES
                        + " texts of 1 to " + Limits.ATTESTED_MEASURE_CHARACTERS + " characters");
            }
            firmwareHashes = Set.copyOf(firmwareHashes);
            bootState = Map.copyOf(bootState);
            key(publicKey);
        }

        private static boolean isMeasure(String text) {
            return text != null && !text.isEmpty() && text.length() <= Limits.ATTESTED_MEASURE_CHARACTERS
                    && StorableText.accepts(text) && text.chars().noneMatch(Character::isISOControl);
        }

        /// @throws PlatformException `INVALID` for what is no public key of a kind that is accepted
        static PublicJsonWebKey key(String jwk) {
            try {
                var key = PublicJsonWebKey.Factory.newPublicJwk(jwk);
                var parameters = key.toParams(PublicJsonWebKey.OutputControlLevel.INCLUDE_PRIVATE);
                var curve = String.valueOf(parameters.get("crv"));
                if (key.getPrivateKey() == null && (curve.equals("Ed25519") || curve.equals("P-256"))) return key;
            } catch (JoseException | RuntimeException _) {
                // Said below: whatever is wrong with it, the advice is the same.
            }
            throw PlatformException.invalid("public_key",
                    "must be a JWK of a public key: kty OKP with crv Ed25519, or kty EC with crv P-256");
        }
    }

    /// @throws PlatformException `INVALID` for what is no statement at all
    static Attestation parse(String text) {
        if (text.length() > Limits.ATTESTATION_CHARACTERS) {
            throw PlatformException.invalid("statement", "must have at most " + Limits.ATTESTATION_CHARACTERS
                    + " characters");
        }
        try {
            var signature = new JsonWebSignature();
            signature.setAlgorithmConstraints(ALGORITHMS);
            signature.setCompactSerialization(text);
            var claims = Json.mapper().readTree(signature.getUnverifiedPayload());
            var nonce = claims.path("nonce").textValue();
            if (nonce != null) return new Attestation(text, nonce, claims, signature);
        } catch (JoseException | JsonProcessingException _) {
            // Said below.
        }
        throw PlatformException.invalid("statement", "must be a JWS in compact form over a JSON object with nonce, "
                + "firmware_hash and boot_state");
    }

    /// How it differs from what is expected; empty if it does not.
    List<String> differences(Reference expected) {
        if (!isSignedBy(Reference.key(expected.publicKey()))) return List.of("signature");
        var differences = new ArrayList<String>();
        if (!expected.firmwareHashes().contains(claims.path("firmware_hash").asText())) {
            differences.add("firmware_hash");
        }
        new TreeMap<>(expected.bootState()).forEach((name, value) -> {
            if (!value.equals(claims.path("boot_state").path(name).textValue())) differences.add("boot_state." + name);
        });
        return differences;
    }

    private boolean isSignedBy(PublicJsonWebKey key) {
        try {
            signature.setKey(key.getPublicKey());
            return signature.verifySignature();
        } catch (JoseException _) {
            return false;
        }
    }
}
