package io.iotflow.server.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.lang.JoseException;

/// Access tokens: JWTs signed with Ed25519 that name a user and a session, and nothing that could change meanwhile.
public final class AccessTokens {
    private static final String ISSUER = "iotflow";
    private static final String SESSION = "sid";
    private static final AlgorithmConstraints ONLY_EDDSA = new AlgorithmConstraints(
            AlgorithmConstraints.ConstraintType.PERMIT, AlgorithmIdentifiers.EDDSA);

    private final SigningKeys keys;
    private final Duration time;
    private final InstantSource clock;
    /// A signature costs more to verify than all else that a call does before its handler.
    private final Cache<String, Verified> verified;

    /// What a good signature proves.
    record Verified(long user, UUID session, Instant expiresAt) {}

    public AccessTokens(SigningKeys keys, AccessConfig config, InstantSource clock) {
        this.keys = keys;
        this.time = config.accessTime();
        this.clock = clock;
        this.verified = Caffeine.newBuilder().maximumSize(Limits.ACCESS_CACHE).expireAfterWrite(time).build();
    }

    Duration time() {
        return time;
    }

    String issue(long user, UUID session) {
        var now = clock.instant();
        var claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setSubject(Long.toString(user));
        claims.setStringClaim(SESSION, session.toString());
        claims.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
        claims.setExpirationTime(NumericDate.fromSeconds(now.plus(time).getEpochSecond()));
        var key = keys.signing();
        var signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        signature.setKeyIdHeaderValue(key.id());
        signature.setHeader("typ", "at+jwt");
        signature.setKey(key.privateKey());
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("BUG: an access token cannot be signed", e);
        }
    }

    /// Empty for whatever is not a token of ours that is still good.
    Optional<Verified> verify(String token) {
        var known = verified.getIfPresent(token);
        if (known == null) {
            var checked = check(token);
            if (checked.isEmpty()) return checked;
            known = checked.get();
            verified.put(token, known);
        }
        return clock.instant().isBefore(known.expiresAt()) ? Optional.of(known) : Optional.empty();
    }

    /// As `/.well-known/jwks.json` publishes them.
    Map<String, Object> jwks() {
        return Map.of("keys", keys.published().stream().map(AccessTokens::jwk).toList());
    }

    private Optional<Verified> check(String token) {
        try {
            var signature = new JsonWebSignature();
            signature.setAlgorithmConstraints(ONLY_EDDSA);
            signature.setCompactSerialization(token);
            var key = keys.find(String.valueOf(signature.getKeyIdHeaderValue()));
            if (key.isEmpty()) return Optional.empty();
            signature.setKey(key.get().publicKey());
            if (!signature.verifySignature()) return Optional.empty();
            var claims = JwtClaims.parse(signature.getPayload());
            if (!ISSUER.equals(claims.getIssuer())) return Optional.empty();
            return Optional.of(new Verified(Long.parseLong(claims.getSubject()),
                    UUID.fromString(claims.getStringClaimValue(SESSION)),
                    Instant.ofEpochSecond(claims.getExpirationTime().getValue())));
        } catch (JoseException | InvalidJwtException | MalformedClaimException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> jwk(SigningKeys.Key key) {
        try {
            var jwk = PublicJsonWebKey.Factory.newPublicJwk(key.publicKey());
            jwk.setKeyId(key.id());
            jwk.setUse("sig");
            jwk.setAlgorithm(AlgorithmIdentifiers.EDDSA);
            return jwk.toParams(OutputControlLevel.PUBLIC_ONLY);
        } catch (JoseException e) {
            throw new IllegalStateException("BUG: a signing key that is no JWK", e);
        }
    }
}
