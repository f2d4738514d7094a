package io.iotflow.server.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.limits.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

/// How often each address may try something. A network of IPv6 counts as one address, because everyone there has
/// billions.
public final class AddressLimit {
    private final String what;
    private final int limit;
    private final Duration window;
    private final InstantSource clock;
    private final Cache<Object, Deque<Instant>> attempts;

    /// @param what      plural, for the refusal: `registrations`
    /// @param addresses so many are remembered; beyond it the longest idle one is forgotten
    public AddressLimit(String what, int limit, Duration window, int addresses, InstantSource clock) {
        this.what = what;
        this.limit = limit;
        this.window = window;
        this.clock = clock;
        this.attempts = Caffeine.newBuilder().maximumSize(addresses).expireAfterAccess(window).build();
    }

    /// Attempts count, not successes: guessing is limited by the same.
    ///
    /// @throws PlatformException `RATE_LIMITED`
    public void count(String address) {
        var now = clock.instant();
        var wait = new Duration[1];
        attempts.asMap().compute(RateLimits.networkOf(address), (_, known) -> {
            var times = known == null ? new ArrayDeque<Instant>() : known;
            while (!times.isEmpty() && !times.peekFirst().plus(window).isAfter(now)) times.removeFirst();
            if (times.size() < limit) times.addLast(now);
            else wait[0] = Duration.between(now, times.peekFirst().plus(window));
            return times;
        });
        if (wait[0] == null) return;
        throw PlatformException.retryLater(ErrorCode.RATE_LIMITED, "At most " + limit + " " + what + " in "
                + window.toSeconds() + " seconds for each address.", wait[0]);
    }
}
