package io.iotflow.server.access;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// How people sign in, and for how long.
public record AccessConfig(
        @Setting(value = "15m", doc = "How long an access token is good for, 1m to 1h. A sign-out, a new password or"
                + " a disabled user end it earlier, at once.")
        Duration accessTime,
        @Setting(value = "30d", doc = "How long a session lasts in which no token was refreshed, 1h to 365d.")
        Duration sessionTime,
        @Setting(value = "12h", doc = "How long a session of a user from an OpenID issuer or the directory lasts,"
                + " however often it is renewed, 5m to 365d; then he shows again that he is still known there.")
        Duration outsideSessionTime,
        @Setting(value = "30", doc = "Attempts to sign in from each address (IPv6: each /64 network) in"
                + " access.sign_in_window; one more is answered 429.")
        int signInLimit,
        @Setting(value = "5m", doc = "The time in which access.sign_in_limit counts.")
        Duration signInWindow) {

    public AccessConfig {
        within("access.access_time", accessTime, Duration.ofMinutes(1), Duration.ofHours(1));
        within("access.session_time", sessionTime, Duration.ofHours(1), Duration.ofDays(365));
        within("access.outside_session_time", outsideSessionTime, Duration.ofMinutes(5), Duration.ofDays(365));
        within("access.sign_in_window", signInWindow, Duration.ofSeconds(1), Duration.ofDays(1));
        if (signInLimit < 1 || signInLimit > 10_000) {
            throw new IllegalArgumentException("access.sign_in_limit must be 1 to 10000");
        }
    }

    /// As when nothing is configured.
    public static AccessConfig standard() {
        return new AccessConfig(Duration.ofMinutes(15), Duration.ofDays(30), Duration.ofHours(12), 30,
                Duration.ofMinutes(5));
    }

    private static void within(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(key + " must be from " + words(least) + " to " + words(most));
        }
    }

    private static String words(Duration value) {
        return value.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    }
}
