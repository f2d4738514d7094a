package io.iotflow.server.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND); // such a clock may well run over

    @Test
    void aBucketHoldsTheAmountAndFillsUpEvenly() {
        var bucket = new Bucket(Rate.of("10/5s"), now.get());
        for (var n = 10; n > 0; n--) {
            assertThat(bucket.left(now.get())).isEqualTo(n);
            assertThat(bucket.take(now.get())).isZero();
        }
        assertThat(bucket.take(now.get())).isEqualTo(SECOND / 2);
        assertThat(bucket.untilFull(now.get())).isEqualTo(5 * SECOND);
        now.addAndGet(SECOND / 2);
        assertThat(bucket.take(now.get())).isZero();
        assertThat(bucket.take(now.get())).isEqualTo(SECOND / 2);
        now.addAndGet(20 * SECOND);
        assertThat(bucket.left(now.get())).as("never more than it holds").isEqualTo(10);
    }

    @Test
    void ofManyThreadsTogetherNoMoreTakeThanThereAre() throws Exception {
        var bucket = new Bucket(Rate.of("1000/1d"), 0);
        var taken = new AtomicLong();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (var thread = 0; thread < 4; thread++) {
                threads.execute(() -> {
                    for (var n = 0; n < 1_000; n++) if (bucket.take(0) == 0) taken.incrementAndGet();
                });
            }
        }
        assertThat(taken).hasValue(1_000);
    }

    @Test
    void ratesAreReadAndNonsenseIsRefusedByName() {
        assertThat(Rate.of("1000/1s")).isEqualTo(new Rate(1_000, Duration.ofSeconds(1)));
        assertThat(Rate.of("10/5m")).isEqualTo(new Rate(10, Duration.ofMinutes(5)));
        assertThat(Rate.find("0")).isEmpty();
        for (var wrong : new String[] {"", "10", "10/", "10/s", "0/1s", "-1/1s", "10/2d", "10/1w", "2000000/1ms"}) {
            assertThatThrownBy(() -> new RateLimitConfig("0", wrong, "0")).as(wrong)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("limits.per_address");
        }
    }

    @Test
    void aHundredThousandAddressesTakeNoMoreMemoryThanTheLimit() {
        var limits = new RateLimits(new RateLimitConfig("0", "10/1h", "0"), now::get);
        var before = used();
        for (var n = 0; n < 100_000; n++) {
            limits.check().address("10." + (n >> 16) + "." + (n >> 8 & 255) + "." + (n & 255));
        }
        assertThat(limits.addresses().size()).isLessThanOrEqualTo(Limits.RATE_LIMITED_ADDRESSES);
        var kept = used() - before;
        System.out.printf("rate limits: %,d addresses are remembered of 100,000, in about %,d KiB%n",
                limits.addresses().size(), kept >> 10);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aNetworkOfIpv6IsOneAddress() {
        var limits = new RateLimits(new RateLimitConfig("0", "2/1h", "0"), now::get);
        limits.check().address("2001:db8::1");
        limits.check().address("2001:db8::2");
        assertThatThrownBy(() -> limits.check().address("2001:db8::ff:3")).isInstanceOf(PlatformException.class);
        limits.check().address("2001:db8:0:1::1");
        assertThat(limits.refusals(RateLimits.Kind.ADDRESS)).isOne();
    }

    /// Not a bound, which would depend on the machine; what it prints stands in the decision.
    @Test
    void costsNextToNothing() {
        var limits = new RateLimits(new RateLimitConfig("100000000/1s", "0", "100000000/1s"));
        var device = new DeviceId(7);
        for (var round = 0; round < 3; round++) {
            var start = System.nanoTime();
            var refused = 0;
            var reads = 200_000;
            for (var read = 0; read < reads; read++) {
                var time = limits.now();
                var own = limits.ofDevice(device, time);
                var shared = limits.ofOrganization(OrganizationPath.ROOT, time);
                for (var packet = 0; packet < 10; packet++) if (own.take(time) + shared.take(time) > 0) refused++;
            }
            var took = System.nanoTime() - start;
            var single = System.nanoTime();
            for (var n = 0; n < reads; n++) limits.ofDevice(device, limits.now());
            System.out.printf("rate limits: %.1f ns a message at ten a read (two buckets), %.1f ns a look-up;"
                    + " %d refused%n", (double) took / reads / 10, (double) (System.nanoTime() - single) / reads,
                    refused);
        }
        assertThat(limits.ofDevice(device, limits.now())).isNotNull();
    }
}
