package io.iotflow.server.device;

import static io.iotflow.server.core.Actor.PLATFORM;
import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.certificate.CertificateAuthority;
import io.iotflow.server.certificate.CertificateConfig;
import io.iotflow.server.certificate.ClientTrust;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.RevocationReason;
import io.iotflow.server.certificate.SigningRequest;
import io.iotflow.server.certificate.TestAuthority;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Database database = SharedDatabase.open();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
    private final Node here = new Node();
    private final Node there = new Node();

    /// One node of several on the same database.
    private final class Node {
        final DeviceRegistry registry =
                new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(),
                        new Audit(database, now::get), now::get);
        final Credentials credentials = new Credentials(registry);
        final BlockingQueue<DeviceId> changes = new LinkedBlockingQueue<>();

        Node() {
            registry.onChange(changes::add);
        }

        /// Waits until this node has heard of changes enough to refuse the key.
        void awaitRefusal(String apiKey) throws InterruptedException {
            while (credentials.authenticate(apiKey).isPresent()) {
                assertThat(changes.poll(10, TimeUnit.SECONDS)).as("another change is heard of").isNotNull();
            }
        }
    }

    @Test
    void keyProvesWhoADeviceIs() {
        var made = register();
        assertThat(here.credentials.authenticate(made.apiKey())).contains(made.device());
        assertThat(here.credentials.authenticateAs(made.device().name(), made.apiKey())).contains(made.device());
        assertThat(here.credentials.authenticateAs(made.device().id().toString(), made.apiKey())).isPresent();
        assertThat(here.credentials.authenticateAs(register().device().name(), made.apiKey())).isEmpty();
        assertThat(here.credentials.authenticate("apikey", made.apiKey())).isPresent();
        assertThat(here.credentials.authenticate("bearer", made.apiKey())).isEmpty();
    }

    @Test
    void everythingElseProvesNothing() {
        var key = register().apiKey();
        for (var wrong : new String[] {"", "x", key + "x", key.substring(1), "A".repeat(32), "ü".repeat(32),
                key.substring(1) + (key.startsWith("A") ? "B" : "A"), " ".repeat(32), "'".repeat(32)}) {
            assertThat(here.credentials.authenticate(wrong)).as(wrong).isEmpty();
        }
        assertThat(here.credentials.failures()).isEqualTo(9);
    }

    @Test
    void onlyHashesAreKept() {
        var key = register().apiKey();
        var dump = database.transaction(ROOT, handle -> handle
                .createQuery("SELECT string_agg(k::text, ' ') FROM device_keys k")
                .mapTo(String.class).one());
        assertThat(dump).doesNotContain(key);
    }

    @Test
    void revokedKeyFailsAtOnceHereAndSoonOnAnotherNode() throws Exception {
        var made = register();
        assertThat(there.credentials.authenticate(made.apiKey())).isPresent();
        here.registry.rotateKey(PLATFORM, made.device().id(), Duration.ZERO);
        assertThat(here.credentials.authenticate(made.apiKey())).isEmpty();
        there.awaitRefusal(made.apiKey());
    }

    @Test
    void revokedCertificateFailsAtOnceHereAndSoonOnAnotherNode(@TempDir Path folder) throws Exception {
        var config = new CertificateConfig(Optional.empty(), Optional.empty(), Optional.empty(), Duration.ofDays(90));
        var authority = new CertificateAuthority(config, folder, now::get);
        var certificates = new Certificates(database, here.registry, authority,
                new ClientTrust(authority, config, now::get), DeviceConfig.standard(), new Audit(database, now::get),
                now::get);
        var device = register().device();
        var issued = certificates.issue(PLATFORM, device.id(),
                SigningRequest.parse(TestAuthority.request(TestAuthority.pair("EC"))));
        assertThat(there.credentials.authenticate(issued.x509())).contains(device);
        assertThat(there.credentials.validUntil(issued.x509())).isEqualTo(now.get().plus(Duration.ofDays(90)));
        certificates.revoke(PLATFORM, device.id(), Fingerprint.of(issued.x509()), RevocationReason.KEY_COMPROMISE);
        assertThat(here.credentials.authenticate(issued.x509())).isEmpty();
        while (there.credentials.authenticate(issued.x509()).isPresent()) {
            assertThat(there.changes.poll(10, TimeUnit.SECONDS)).as("another change is heard of").isNotNull();
        }
    }

    @Test
    void decommissionedDeviceFailsOnAnotherNode() throws Exception {
        var made = register();
        assertThat(there.credentials.authenticate(made.apiKey())).isPresent();
        here.registry.decommission(PLATFORM, made.device().id());
        there.awaitRefusal(made.apiKey());
        assertThat(here.credentials.authenticate(made.apiKey())).isEmpty();
    }

    @Test
    void oldKeyLivesOnForTheGraceAndNoLonger() {
        var made = register();
        var rotated = here.registry.rotateKey(PLATFORM, made.device().id(), Duration.ofHours(1));
        assertThat(rotated.oldKeysEndAt()).isEqualTo(now.get().plus(Duration.ofHours(1)));
        assertThat(here.credentials.authenticate(made.apiKey())).isPresent();
        assertThat(here.credentials.authenticate(rotated.apiKey())).isPresent();
        now.updateAndGet(time -> time.plus(Duration.ofMinutes(59)));
        assertThat(here.credentials.authenticate(made.apiKey())).isPresent();
        now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
        assertThat(here.credentials.authenticate(made.apiKey())).isEmpty();
        assertThat(there.credentials.authenticate(made.apiKey())).isEmpty();
        assertThat(here.credentials.authenticate(rotated.apiKey())).isPresent();
    }

    @Test
    void rotatingForEverKeepsABoundedNumberOfKeys() {
        var made = register();
        var last = made.apiKey();
        for (var i = 0; i < 30; i++) {
            last = here.registry.rotateKey(PLATFORM, made.device().id(), Duration.ofDays(30)).apiKey();
        }
        assertThat(here.registry.keys(ROOT, made.device().id())).hasSize(io.iotflow.server.core.Limits.DEVICE_KEYS);
        assertThat(here.credentials.authenticate(made.apiKey())).as("the oldest").isEmpty();
        assertThat(here.credentials.authenticate(last)).isPresent();
    }

    @Test
    void quarantinedDeviceIsKnownButMayNotPublish() {
        var made = register();
        here.registry.changeStatus(PLATFORM, made.device().id(), DeviceStatus.QUARANTINED);
        assertThat(here.credentials.authenticate(made.apiKey()).orElseThrow().status().mayPublish()).isFalse();
    }

    @Test
    void knownKeyCostsNoQueryAndLessThanAFewMicroseconds() {
        var key = register().apiKey();
        var best = Long.MAX_VALUE;
        for (var round = 0; round < 20; round++) {
            var began = System.nanoTime();
            for (var i = 0; i < 10_000; i++) {
                if (here.credentials.authenticate(key).isEmpty()) throw new AssertionError("lost");
            }
            best = Math.min(best, (System.nanoTime() - began) / 10_000);
        }
        System.out.println("authenticate_ns=" + best);
        assertThat(here.registry.cache().keyStats().loadCount()).isOne();
        assertThat(best).as("nanoseconds").isLessThan(5_000);
    }

    private DeviceRegistry.Registered register() {
        return here.registry.register(PLATFORM, "credentials-" + NUMBER.incrementAndGet(), Profile.of("temperature"),
                DeviceStatus.ACTIVE);
    }
}
