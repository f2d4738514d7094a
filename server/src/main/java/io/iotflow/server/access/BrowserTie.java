package io.iotflow.server.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Ties a sign-in at an issuer to the browser that began it. The browser holds a random secret in a cookie; all that
/// must come back unchanged is computed from it, so nothing is kept here, where a flood of beginnings could push it out
/// and where another node would not find it.
record BrowserTie(byte[] secret) {
    private static final int BYTES = 32;
    private static final Pattern STATE = Pattern.compile("(([0-9]{1,18})\\.[\\w-]{22})\\.([\\w-]{43})");

    static BrowserTie fresh() {
        return new BrowserTie(SecretText.random(BYTES));
    }

    static Optional<BrowserTie> parse(String cookie) {
        try {
            var bytes = Base64.getUrlDecoder().decode(cookie);
            return bytes.length == BYTES ? Optional.of(new BrowserTie(bytes)) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    String cookie() {
        return SecretText.text(secret);
    }

    /// What the issuer sends back with the browser: proves that this browser has begun, and not too long ago.
    String state(Instant until) {
        var text = until.getEpochSecond() + "." + SecretText.text(SecretText.random(16));
        return text + "." + derive("state", text);
    }

    boolean isOwn(String state, Instant now) {
        var parts = STATE.matcher(state);
        if (!parts.matches()) return false;
        var isOurs = MessageDigest.isEqual(bytes(derive("state", parts.group(1))), bytes(parts.group(3)));
        return isOurs && now.getEpochSecond() < Long.parseLong(parts.group(2));
    }

    /// What the issuer writes into the token for this sign-in.
    String nonce(String state) {
        return derive("nonce", state);
    }

    /// What only whoever began can show when he takes the token (RFC 7636).
    String verifier(String state) {
        return derive("verifier", state);
    }

    String challenge(String state) {
        return SecretText.text(SecretText.sha256(bytes(verifier(state))));
    }

    private String derive(String purpose, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return SecretText.text(mac.doFinal(bytes(purpose + " " + text)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every JDK has HmacSHA256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
