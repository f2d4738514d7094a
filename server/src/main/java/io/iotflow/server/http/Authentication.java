package io.iotflow.server.http;

import java.security.cert.X509Certificate;
import java.util.Optional;

/// One kind of credential. Called on the request's virtual thread before its handler; it may block, and is on the
/// path of every telemetry request, so it should answer from memory.
public interface Authentication {

    /// Who owns this credential; empty when this authentication does not know it. The listener asks each of its
    /// authentications in order and answers 401 when none knows the credential.
    ///
    /// @param scheme `apikey` for the `X-API-Key` header, otherwise the scheme of the `Authorization` header in lower
    ///               case: `admin`, `bearer`
    Optional<Caller> authenticate(String scheme, String credential);

    /// Who shows this certificate in TLS; empty when this authentication does not know it. That its chain is good and
    /// its owner has the key, the listener has made sure.
    default Optional<Caller> owner(X509Certificate certificate) {
        return Optional.empty();
    }
}
