package io.iotflow.server.certificate;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Why a certificate is not good any more, as RFC 5280 (5.3.1) numbers it.
public enum RevocationReason {
    UNSPECIFIED(0), KEY_COMPROMISE(1), AFFILIATION_CHANGED(3),
    /// Another certificate has taken its place.
    SUPERSEDED(4),
    CESSATION_OF_OPERATION(5), PRIVILEGE_WITHDRAWN(9);

    private final int code;

    RevocationReason(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /// `key_compromise`
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<RevocationReason> find(String word) {
        return Arrays.stream(values()).filter(reason -> reason.word().equals(word)).findFirst();
    }

    /// `unspecified, key_compromise, …`
    public static String words() {
        return Arrays.stream(values()).map(RevocationReason::word).collect(Collectors.joining(", "));
    }
}
