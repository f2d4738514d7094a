package io.iotflow.server.access;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.iotflow.server.certificate.TrustedCertificates;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.lang.JoseException;

/// What an OpenID issuer says: of itself, which keys are its, and who has signed in. It is first asked when somebody
/// signs in, so that the platform starts without it; what it says of itself and its keys is remembered for a while, and
/// so is, shortly, that it is not there.
final class OidcIssuer implements AutoCloseable {
    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private final OidcConfig config;
    private final InstantSource clock;
    private final IssuerClient client;
    private Metadata metadata;
    private Keys keys;
    private Failure failure;

    private record Metadata(URI authorization, URI token, URI keys, Optional<URI> userinfo, boolean takesBasic,
                            Instant until) {}

    private record Keys(List<JsonWebKey> keys, Instant since) {}

    private record Failure(PlatformException why, Instant until) {}

    /// What the issuer gives for a code.
    record Tokens(String idToken, Optional<String> accessToken) {}

    OidcIssuer(OidcConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        this.client = new IssuerClient(TrustedCertificates.context("oidc.ca_file", config.caFile()),
                Limits.OUTSIDE_TIME);
    }

    /// Where the browser goes to sign in.
    String authorization(Map<String, String> parameters) {
        var endpoint = metadata().authorization().toString();
        return endpoint + (endpoint.indexOf('?') < 0 ? '?' : '&') + form(parameters);
    }

    /// @throws PlatformException `SIGN_IN_REFUSED` when the code is worth nothing
    Tokens exchange(String code, String verifier, String redirectUri) {
        var known = metadata();
        var parameters = new LinkedHashMap<>(Map.of("grant_type", "authorization_code", "code", code,
                "redirect_uri", redirectUri, "code_verifier", verifier));
        var request = HttpRequest.newBuilder(known.token()).header("Accept", "application/json")
                .header("Content-Type", "application/x-www-form-urlencoded");
        if (!config.clientSecret().isEmpty() && known.takesBasic()) {
            var pair = encode(config.clientId()) + ":" + encode(config.clientSecret());
            request.header("Authorization", "Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        } else {
            parameters.put("client_id", config.clientId());
            if (!config.clientSecret().isEmpty()) parameters.put("client_secret", config.clientSecret());
        }
        var answer = client.ask(request.POST(BodyPublishers.ofString(form(parameters))).build());
        var error = answer.body().path("error").asText();
        if (error.equals("invalid_grant")) throw SignInAttempts.refused();
        var idToken = answer.body().path("id_token").textValue();
        if (answer.status() != 200 || idToken == null) {
            throw IssuerClient.unavailable(known.token(), "status " + answer.status());
        }
        return new Tokens(idToken, Optional.ofNullable(answer.body().path("access_token").textValue()));
    }

    /// What else the issuer says of whom the token names; nothing when it has no such place.
    JsonNode userinfo(Optional<String> accessToken) {
        var place = metadata().userinfo();
        if (place.isEmpty() || accessToken.isEmpty()) return MissingNode.getInstance();
        return client.fetch(place.get(), "Authorization", "Bearer " + accessToken.get(), "Accept", "application/json");
    }

    List<JsonWebKey> keys() {
        return keys(clock.instant().minus(Limits.ISSUER_TIME));
    }

    /// For a token whose key is not among them: they may have changed. Asks no oftener than `Limits.ISSUER_KEYS_RETRY`
    /// says, whatever tokens come.
    List<JsonWebKey> keysAgain() {
        return keys(clock.instant().minus(Limits.ISSUER_KEYS_RETRY));
    }

    private synchronized List<JsonWebKey> keys(Instant notBefore) {
        if (keys == null || keys.since().isBefore(notBefore)) {
            var place = metadata().keys();
            keys = new Keys(read(asked(() -> client.fetch(place)).path("keys")), clock.instant());
        }
        return keys.keys();
    }

    private synchronized Metadata metadata() {
        if (metadata != null && clock.instant().isBefore(metadata.until())) return metadata;
        var place = URI.create(config.issuer().replaceAll("/$", "") + DISCOVERY);
        var said = asked(() -> client.fetch(place));
        if (!said.path("issuer").asText().equals(config.issuer())) {
            throw failed(IssuerClient.unavailable(place, "it calls itself otherwise than oidc.issuer"));
        }
        var ways = said.path("token_endpoint_auth_methods_supported");
        metadata = asked(() -> new Metadata(address(said, "authorization_endpoint"), address(said, "token_endpoint"),
                address(said, "jwks_uri"),
                said.has("userinfo_endpoint") ? Optional.of(address(said, "userinfo_endpoint")) : Optional.empty(),
                ways.isEmpty() || ways.valueStream().anyMatch(way -> way.asText().equals("client_secret_basic")),
                clock.instant().plus(Limits.ISSUER_TIME)));
        return metadata;
    }

    private URI address(JsonNode said, String name) {
        return OutsideAddress.of(said.path(name).asText(), "https", "http").filter(OutsideAddress::isSafe)
                .map(OutsideAddress::uri)
                .orElseThrow(() -> IssuerClient.unavailable(URI.create(config.issuer()), "no safe " + name));
    }

    /// One that just failed is not asked again at once: else everybody who signs in would wait for it.
    private <T> T asked(Supplier<T> question) {
        if (failure != null && clock.instant().isBefore(failure.until())) throw failure.why();
        try {
            return question.get();
        } catch (PlatformException e) {
            throw failed(e);
        }
    }

    private PlatformException failed(PlatformException why) {
        if (why.code() == ErrorCode.SIGN_IN_UNAVAILABLE) {
            failure = new Failure(why, clock.instant().plus(Limits.ISSUER_RETRY));
        }
        return why;
    }

    /// Those that can be read; an issuer may have some of a kind that we do not know.
    private static List<JsonWebKey> read(JsonNode list) {
        var read = new ArrayList<JsonWebKey>();
        for (var key : list) {
            if (read.size() == Limits.ISSUER_KEYS) break;
            try {
                read.add(JsonWebKey.Factory.newJwk(Json.mapper().convertValue(key,
                        new TypeReference<Map<String, Object>>() {})));
            } catch (JoseException | IllegalArgumentException _) {
                // A token that needs it is refused for want of it.
            }
        }
        return List.copyOf(read);
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream().map(it -> encode(it.getKey()) + "=" + encode(it.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
    }
}
