package io.iotflow.server.access;

import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// One-time passwords by time (RFC 6238): six digits, every 30 seconds others, with HMAC-SHA-1 because that is what all
/// authenticators know. Pure: no clock, no store.
final class Totp {
    static final int SECRET_BYTES = 20;
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Totp() {}

    /// The time step of a code that is good now: the present one, or one before or after it because clocks differ.
    /// Steps up to `usedUp` have been used and are none.
    static OptionalLong step(byte[] secret, String code, Instant now, long usedUp) {
        var present = stepAt(now);
        var found = OptionalLong.empty();
        for (var step = present - 1; step <= present + 1; step++) {
            var isSame = MessageDigest.isEqual(code(secret, step, 6).getBytes(StandardCharsets.US_ASCII),
                    code.getBytes(StandardCharsets.UTF_8));
            if (isSame && step > usedUp) found = OptionalLong.of(step);
        }
        return found;
    }

    static long stepAt(Instant now) {
        return Math.floorDiv(now.getEpochSecond(), STEP.toSeconds());
    }

    static String code(byte[] secret, long step, int digits) {
        try {
            var mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret, "HmacSHA1"));
            var hash = mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
            var at = hash[hash.length - 1] & 0xF;
            var number = ByteBuffer.wrap(hash, at, Integer.BYTES).getInt() & Integer.MAX_VALUE;
            var text = Integer.toString(number % (int) Math.pow(10, digits));
            return "0".repeat(digits - text.length()) + text;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every JDK has HmacSHA1", e);
        }
    }

    /// As people type it, when they cannot scan.
    static String base32(byte[] bytes) {
        var text = new StringBuilder();
        var buffer = 0;
        var bits = 0;
        for (var octet : bytes) {
            buffer = buffer << 8 | octet & 0xFF;
            for (bits += 8; bits >= 5; bits -= 5) text.append(BASE32.charAt(buffer >> bits - 5 & 31));
        }
        if (bits > 0) text.append(BASE32.charAt(buffer << 5 - bits & 31));
        return text.toString();
    }

    /// What an authenticator scans.
    static String uri(byte[] secret, String userName) {
        return "otpauth://totp/IoTFlow:" + URLEncoder.encode(userName, StandardCharsets.UTF_8).replace("+", "%20")
                + "?secret=" + base32(secret) + "&issuer=IoTFlow";
    }
}
