package io.iotflow.server.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// The buckets of everybody, in memory and on this node only. A bucket that was not used for its window is full and
/// forgotten; beyond the limits of [Limits] the least used are forgotten earlier, and so begin full. For all threads.
public final class RateLimits {
    private final LongSupplier nanoseconds;
    private final Buckets<DeviceId> devices;
    private final Buckets<Object> addresses;
    private final Buckets<OrganizationPath> organizations;
    private final Map<Kind, LongAdder> refused = new EnumMap<>(Kind.class);
    private final LongAdder dropped = new LongAdder();

    /// Whose limit it is.
    public enum Kind { DEVICE, ADDRESS, ORGANIZATION, ROUTE }

    public RateLimits(RateLimitConfig config) {
        this(config, System::nanoTime);
    }

    /// @param nanoseconds a clock that only goes forward
    public RateLimits(RateLimitConfig config, LongSupplier nanoseconds) {
        this.nanoseconds = nanoseconds;
        devices = buckets(config.device(), Limits.RATE_LIMITED_DEVICES);
        addresses = buckets(config.address(), Limits.RATE_LIMITED_ADDRESSES);
        organizations = buckets(config.organization(), Limits.RATE_LIMITED_ORGANIZATIONS);
        for (var kind : Kind.values()) refused.put(kind, new LongAdder());
    }

    private static <K> Buckets<K> buckets(Optional<Rate> rate, int most) {
        return rate.map(given -> new Buckets<K>(given, most)).orElse(null);
    }

    /// The buckets of one rate, by subject.
    public static final class Buckets<K> {
        private final Rate rate;
        private final Cache<K, Bucket> known;

        public Buckets(Rate rate, int most) {
            this.rate = rate;
            known = Caffeine.newBuilder().maximumSize(most)
                    .expireAfterAccess(rate.window().toNanos(), TimeUnit.NANOSECONDS).build();
        }

        Bucket of(K subject, long now) {
            var bucket = known.getIfPresent(subject);
            return bucket != null ? bucket : known.get(subject, _ -> new Bucket(rate, now));
        }

        Rate rate() {
            return rate;
        }

        long size() {
            known.cleanUp();
            return known.estimatedSize();
        }
    }

    public long now() {
        return nanoseconds.getAsLong();
    }

    /// Whether messages of devices are limited at all.
    public boolean countsMessages() {
        return devices != null || organizations != null;
    }

    /// Null when devices are not limited. To be asked for again soon: it is forgotten when it is not.
    public Bucket ofDevice(DeviceId device, long now) {
        return devices == null ? null : devices.of(device, now);
    }

    /// Null when organizations are not limited. As above.
    public Bucket ofOrganization(OrganizationPath organization, long now) {
        return organizations == null ? null : organizations.of(organization, now);
    }

    /// For one request.
    public Check check() {
        return new Check(this, now());
    }

    Buckets<DeviceId> devices() {
        return devices;
    }

    Buckets<Object> addresses() {
        return addresses;
    }

    Buckets<OrganizationPath> organizations() {
        return organizations;
    }

    /// Whether one more connect is let through from an address.
    public boolean admits(String address) {
        if (addresses == null) return true;
        var now = now();
        if (addresses.of(networkOf(address), now).take(now) == 0) return true;
        refused(Kind.ADDRESS);
        return false;
    }

    /// Counts something that was refused.
    public void refused(Kind kind) {
        refused.get(kind).increment();
    }

    /// Counts a message that was dropped because nobody could be told.
    public void dropped() {
        dropped.increment();
    }

    /// What was refused for a limit of this kind since the start, dropped messages included.
    public long refusals(Kind kind) {
        return refused.get(kind).sum();
    }

    /// Messages that were dropped since the start.
    public long drops() {
        return dropped.sum();
    }

    /// A network of IPv6 counts as one address, because everyone there has billions.
    public static Object networkOf(String address) {
        if (address.indexOf(':') < 0) return address;
        try {
            return InetAddress.ofLiteral(address) instanceof Inet6Address six
                    ? ByteBuffer.wrap(six.getAddress()).getLong() : address;
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
