package io.iotflow.server.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;

/// An address in the configuration of a sign-in from outside, or one that an issuer names.
record OutsideAddress(URI uri) {

    /// Empty for what is no such address.
    static Optional<OutsideAddress> of(String text, String... schemes) {
        try {
            var uri = new URI(text);
            var isOne = uri.getScheme() != null && uri.getHost() != null && List.of(schemes).contains(uri.getScheme())
                    && uri.getUserInfo() == null && uri.getFragment() == null;
            return isOne ? Optional.of(new OutsideAddress(uri)) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    /// Whether nobody can listen on the way, or change what is said.
    boolean isSafe() {
        return uri.getScheme().endsWith("s") || isThisMachine();
    }

    private boolean isThisMachine() {
        return switch (uri.getHost()) {
            case "localhost", "127.0.0.1", "[::1]" -> true;
            default -> false;
        };
    }
}
