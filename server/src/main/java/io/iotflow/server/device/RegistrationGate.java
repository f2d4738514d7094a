package io.iotflow.server.device;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides who may register a device now. Operators always may; others as `registration.mode` says, and only so many
/// times for each address. A network of IPv6 counts as one address, because everyone there has billions.
final class RegistrationGate {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrationGate.class);

    private final RegistrationConfig config;
    private final InstantSource clock;
    private final Cache<String, Deque<Instant>> attempts;

    RegistrationGate(RegistrationConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        this.attempts = Caffeine.newBuilder().maximumSize(Limits.REGISTRATION_ADDRESSES)
                .expireAfterAccess(config.window()).build();
    }

    /// @param token what was sent as `X-Provisioning-Key`
    /// @throws PlatformException `REGISTRATION_CLOSED` or `RATE_LIMITED`
    void admit(Caller caller, Optional<String> token, String address) {
        if (caller instanceof Caller.User user && user.may(Permission.DEVICES_WRITE)) return;
        switch (config.mode()) {
            case OPEN -> count(address);
            case TOKEN -> {
                count(address);
                if (token.isEmpty() || !same(token.get(), config.token().orElseThrow())) {
                    throw closed("Registration needs the provisioning key as X-Provisioning-Key.");
                }
            }
            case CLOSED -> throw closed("Only operators register devices here.");
        }
    }

    /// Attempts count, not successes: guessing a provisioning key is limited by the same.
    private void count(String address) {
        var now = clock.instant();
        var wait = new Duration[1];
        attempts.asMap().compute(networkOf(address), (_, known) -> {
            var times = known == null ? new ArrayDeque<Instant>(config.limit()) : known;
            while (!times.isEmpty() && !times.peekFirst().plus(config.window()).isAfter(now)) times.removeFirst();
            if (times.size() < config.limit()) times.addLast(now);
            else wait[0] = Duration.between(now, times.peekFirst().plus(config.window()));
            return times;
        });
        if (wait[0] == null) return;
        LOG.debug("registration_limited address={}", address);
        throw PlatformException.retryLater(ErrorCode.RATE_LIMITED, "At most " + config.limit() + " registrations in "
                + config.window().toSeconds() + " seconds for each address.", wait[0]);
    }

    private static PlatformException closed(String detail) {
        return new PlatformException(ErrorCode.REGISTRATION_CLOSED, detail);
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static String networkOf(String address) {
        try {
            return InetAddress.ofLiteral(address) instanceof Inet6Address six
                    ? Arrays.toString(Arrays.copyOf(six.getAddress(), 8)) : address;
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
