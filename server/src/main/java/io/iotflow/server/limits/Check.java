package io.iotflow.server.limits;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.limits.RateLimits.Buckets;
import io.iotflow.server.limits.RateLimits.Kind;
import java.time.Duration;
import java.util.Locale;

/// What one request takes from buckets, nothing where there is no limit, and what is left there, for the headers of its
/// answer. These are those of draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy: "device";q=100;w=1` and
/// `RateLimit: "device";r=99;t=1`.
public final class Check {
    private final RateLimits limits;
    private final long now;
    private StringBuilder policies;
    private StringBuilder states;

    Check(RateLimits limits, long now) {
        this.limits = limits;
        this.now = now;
    }

    /// Where the request comes from, before its credentials are looked at.
    public void address(String address) {
        if (limits.addresses() != null) take(Kind.ADDRESS, limits.addresses(), RateLimits.networkOf(address));
    }

    public void device(DeviceId device, OrganizationPath organization) {
        if (limits.devices() != null) take(Kind.DEVICE, limits.devices(), device);
        organization(organization);
    }

    public void organization(OrganizationPath organization) {
        if (limits.organizations() != null) take(Kind.ORGANIZATION, limits.organizations(), organization);
    }

    /// @throws PlatformException `RATE_LIMITED` when there is none left
    public <K> void take(Kind kind, Buckets<K> buckets, K subject) {
        var bucket = buckets.of(subject, now);
        var wait = bucket.take(now);
        note(kind.name().toLowerCase(Locale.ROOT), buckets.rate(), bucket);
        if (wait == 0) return;
        limits.refused(kind);
        throw PlatformException.retryLater(ErrorCode.RATE_LIMITED, "At most " + buckets.rate().amount()
                + " requests in " + seconds(buckets.rate().window().toNanos()) + " seconds for each "
                + word(kind) + ".", Duration.ofNanos(wait));
    }

    private static String word(Kind kind) {
        return kind == Kind.ROUTE ? "caller of this call" : kind.name().toLowerCase(Locale.ROOT);
    }

    private void note(String name, Rate rate, Bucket bucket) {
        if (policies == null) {
            policies = new StringBuilder(64);
            states = new StringBuilder(64);
        } else {
            policies.append(", ");
            states.append(", ");
        }
        policies.append('"').append(name).append("\";q=").append(rate.amount())
                .append(";w=").append(seconds(rate.window().toNanos()));
        states.append('"').append(name).append("\";r=").append(bucket.left(now))
                .append(";t=").append(seconds(bucket.untilFull(now)));
    }

    /// Whether anything was limited, so that there are headers.
    public boolean isLimited() {
        return policies != null;
    }

    /// The header `RateLimit-Policy`.
    public String policy() {
        return policies.toString();
    }

    /// The header `RateLimit`.
    public String state() {
        return states.toString();
    }

    /// Rounded up.
    private static long seconds(long nanoseconds) {
        return (nanoseconds + 999_999_999) / 1_000_000_000;
    }
}
