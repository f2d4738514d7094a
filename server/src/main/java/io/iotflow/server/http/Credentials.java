package io.iotflow.server.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds the credential of a request and asks whose it is.
final class Credentials {
    private static final HeaderName API_KEY = HeaderNames.create("X-API-Key");
    private static final String KEY = "apikey";
    private static final Caller ANONYMOUS = new Caller.Anonymous();
    /// Longer ones are refused unread; tokens of every kind stay far below.
    private static final int LONGEST = 8 << 10;

    private final List<Authentication> authentications;

    Credentials(List<Authentication> authentications) {
        this.authentications = List.copyOf(authentications);
    }

    /// A header says who calls, and where there is none, the certificate of the connection does.
    Caller caller(Headers headers, Optional<X509Certificate> certificate) {
        if (headers.contains(API_KEY)) return owner(KEY, headers.get(API_KEY).get());
        if (headers.contains(HeaderNames.AUTHORIZATION)) return owner(headers.get(HeaderNames.AUTHORIZATION).get());
        return certificate.isPresent() ? owner(certificate.get()) : ANONYMOUS;
    }

    /// The same, on a route whose path may hold a device's key.
    Caller caller(Headers headers, Optional<X509Certificate> certificate, PathTree.Match match) {
        var caller = caller(headers, certificate);
        var name = match.route().credentialParameter();
        if (name == null || !caller.equals(ANONYMOUS)) return caller;
        return owner(KEY, match.values().get(match.route().parameters().indexOf(name)));
    }

    /// Asked for each request, since a connection may live longer than its certificate is good.
    private Caller owner(X509Certificate certificate) {
        for (var authentication : authentications) {
            var caller = authentication.owner(certificate);
            if (caller.isPresent()) return caller.get();
        }
        throw unauthorized("The client's certificate is not registered, or not good any more.");
    }

    /// @param authorization a scheme, a space and a credential
    Caller owner(String authorization) {
        var value = authorization.strip();
        var space = value.indexOf(' ');
        if (space <= 0) throw unauthorized("Authorization must be a scheme, a space and a credential.");
        return owner(value.substring(0, space).toLowerCase(Locale.ROOT), value.substring(space + 1).strip());
    }

    Caller owner(String scheme, String credential) {
        if (!credential.isEmpty() && credential.length() <= LONGEST) {
            for (var authentication : authentications) {
                var caller = authentication.authenticate(scheme, credential);
                if (caller.isPresent()) return caller.get();
            }
        }
        throw unauthorized("The credentials are not valid.");
    }

    /// Lets the caller through or refuses: 401 to whoever said nothing, 403 to whoever is known but not meant.
    static void admit(Route route, Caller caller) {
        if (caller instanceof Caller.Device device && !route.isForWaiting()) refuseHeld(device);
        if (route.access().admits(caller)) return;
        switch (caller) {
            case Caller.Anonymous _ -> throw unauthorized("This call needs credentials.");
            case Caller.Device _ -> throw new PlatformException(ErrorCode.FORBIDDEN,
                    "This call is for users and service tokens.");
            case Caller.User user -> throw new PlatformException(ErrorCode.FORBIDDEN, route.access().users()
                    ? "This call needs the permission " + route.access().permission().orElseThrow().word() + ", which "
                            + user.name() + " does not have."
                    : "This call is for devices, with their own key as X-API-Key.");
        }
    }

    /// @throws PlatformException for a device that is not admitted, or not any more
    static void refuseHeld(Caller.Device device) {
        if (device.isWaiting()) throw waiting();
        device.quarantine().ifPresent(why -> {
            throw new PlatformException(ErrorCode.QUARANTINED, why);
        });
    }

    private static PlatformException waiting() {
        return new PlatformException(ErrorCode.FORBIDDEN,
                "The device waits for an operator to admit it; until then it may ask for its status only.");
    }

    private static PlatformException unauthorized(String detail) {
        return new PlatformException(ErrorCode.UNAUTHORIZED, detail);
    }
}
