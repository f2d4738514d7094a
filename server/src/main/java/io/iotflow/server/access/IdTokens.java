package io.iotflow.server.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.UnresolvableKeyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Verifies ID tokens (OpenID Connect Core, 3.1.3.7). Only signatures with a private key are accepted, so that nobody
/// who knows the public one can make a token.
final class IdTokens {
    private static final Logger LOG = LoggerFactory.getLogger(IdTokens.class);
    private static final String[] ALGORITHMS = {AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384, AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA256, AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA512, AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384, AlgorithmIdentifiers.EDDSA};

    private final OidcIssuer issuer;
    private final OidcConfig config;
    private final InstantSource clock;

    IdTokens(OidcIssuer issuer, OidcConfig config, InstantSource clock) {
        this.issuer = issuer;
        this.config = config;
        this.clock = clock;
    }

    /// The claims of a token that is the issuer's, for this platform, for the sign-in with this nonce, and still good.
    ///
    /// @throws PlatformException `SIGN_IN_REFUSED`
    JsonNode claims(String token, String nonce) {
        try {
            var claims = verified(token).getJwtClaims();
            var parties = claims.getAudience();
            var isOurs = claims.hasClaim("azp") ? config.clientId().equals(claims.getStringClaimValue("azp"))
                    : parties.size() == 1;
            if (!isOurs) throw refused("azp");
            var given = claims.getStringClaimValue("nonce");
            if (given == null || !MessageDigest.isEqual(bytes(given), bytes(nonce))) throw refused("nonce");
            if (!Outsider.isSubject(claims.getSubject())) throw refused("sub");
            return Json.mapper().readTree(claims.getRawJson());
        } catch (InvalidJwtException e) {
            throw refused(e.getErrorDetails().isEmpty() ? "form" : word(e.getErrorDetails().getFirst()
                    .getErrorCode()));
        } catch (MalformedClaimException | JsonProcessingException _) {
            throw refused("form");
        }
    }

    private JwtContext verified(String token) throws InvalidJwtException {
        try {
            return verified(token, issuer.keys());
        } catch (InvalidJwtException e) {
            if (!(e.getCause() instanceof UnresolvableKeyException)) throw e;
            return verified(token, issuer.keysAgain());
        }
    }

    private JwtContext verified(String token, List<JsonWebKey> keys) throws InvalidJwtException {
        var resolver = new JwksVerificationKeyResolver(keys);
        resolver.setDisambiguateWithVerifySignature(true);
        var skew = (int) Limits.ISSUER_CLOCK.toSeconds();
        return new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(ConstraintType.PERMIT, ALGORITHMS)
                .setVerificationKeyResolver(resolver)
                .setExpectedIssuer(true, config.issuer()).setExpectedAudience(true, config.clientId())
                .setRequireSubject().setRequireExpirationTime().setRequireIssuedAt()
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis())).setAllowedClockSkewInSeconds(skew)
                .build().process(token);
    }

    /// For the log; what the token says does not belong there.
    private static String word(int error) {
        return switch (error) {
            case ErrorCodes.EXPIRED, ErrorCodes.EXPIRATION_MISSING -> "exp";
            case ErrorCodes.ISSUED_AT_MISSING -> "iat";
            case ErrorCodes.NOT_YET_VALID -> "nbf";
            case ErrorCodes.AUDIENCE_MISSING, ErrorCodes.AUDIENCE_INVALID -> "aud";
            case ErrorCodes.ISSUER_MISSING, ErrorCodes.ISSUER_INVALID -> "iss";
            case ErrorCodes.SUBJECT_MISSING, ErrorCodes.SUBJECT_INVALID -> "sub";
            case ErrorCodes.SIGNATURE_MISSING, ErrorCodes.SIGNATURE_INVALID -> "signature";
            default -> "form, algorithm or key";
        };
    }

    private static PlatformException refused(String why) {
        LOG.warn("event=id_token_refused why=\"{}\"", why);
        return SignInAttempts.refused();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
