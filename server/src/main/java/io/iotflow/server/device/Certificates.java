package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.certificate.CertificateAuthority;
import io.iotflow.server.certificate.ClientTrust;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.RevocationReason;
import io.iotflow.server.certificate.SigningRequest;
import io.iotflow.server.certificate.Subject;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceCertificate.Source;
import io.iotflow.server.device.DeviceRegistry.Changed;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;

/// Certificates with which devices prove who they are: issued here, or by an authority that the operator trusts. Each
/// change is a transaction that every node hears of, as with keys.
public final class Certificates {
    private static final Duration LIST_AGE = Duration.ofMinutes(1);

    private final Database database;
    private final DeviceRegistry registry;
    private final CertificateAuthority authority;
    private final ClientTrust trust;
    private final Duration grace;
    private final Audit audit;
    private final InstantSource clock;
    private final CertificateStore store = new CertificateStore();
    private RevocationList list;

    /// A certificate that was just issued, in full.
    record Issued(Device device, DeviceCertificate certificate, X509Certificate x509) {}

    private record RevocationList(byte[] der, Instant made) {}

    public Certificates(Database database, DeviceRegistry registry, CertificateAuthority authority, ClientTrust trust,
                        DeviceConfig config, Audit audit, InstantSource clock) {
        this.database = database;
        this.registry = registry;
        this.authority = authority;
        this.trust = trust;
        this.grace = config.keyGrace();
        this.audit = audit;
        this.clock = clock;
    }

    /// Registers a device with a provisioning key and issues its first certificate: both, or neither.
    ///
    /// @throws PlatformException those of [Provisioning#register]
    Issued claim(Provisioning provisioning, Actor by, ProvisioningKey key, DeviceBody.Registration wish,
                 SigningRequest request) {
        var issued = new AtomicReference<Issued>();
        provisioning.register(by, key, wish.name(), wish.profile(), (handle, bearer, device) ->
                issued.set(issue(handle, bearer, device, request, "device.certificate_issued")));
        return issued.get();
    }

    /// Issues a certificate to a device; those that it has stay good.
    ///
    /// @throws PlatformException `NOT_FOUND`, `CONFLICT` when it has too many or its life has ended
    Issued issue(Actor by, DeviceId id, SigningRequest request) {
        return registry.changed(by, id, (handle, device) -> {
            requireLiving(device);
            var issued = issue(handle, by, device, request, "device.certificate_issued");
            return new Changed<>(issued, device, List.of(), List.of(issued.certificate().fingerprint()));
        });
    }

    /// Issues a certificate to a device in place of those that the platform has issued to it before. They end after a
    /// grace, so that the device can try the new one.
    ///
    /// @throws PlatformException as above, and `CONFLICT` for a device that may not publish
    Issued renew(Actor by, DeviceId id, SigningRequest request) {
        return registry.changed(by, id, (handle, device) -> {
            if (!device.status().mayPublish()) {
                throw new PlatformException(ErrorCode.CONFLICT, "A device that is " + device.status().word()
                        + " gets no new certificate.");
            }
            var now = now();
            var touched = new ArrayList<>(store.supersede(handle, id, now, now.plus(grace)));
            var issued = issue(handle, by, device, request, "device.certificate_renewed");
            touched.add(issued.certificate().fingerprint());
            return new Changed<>(issued, device, List.of(), touched);
        });
    }

    private Issued issue(Handle handle, Actor by, Device device, SigningRequest request, String action) {
        var now = now();
        requireRoom(handle, device, now);
        var x509 = authority.issue(request, subject(device));
        var certificate = DeviceCertificate.of(x509, device.id(), Source.ISSUED, now);
        if (!store.insert(handle, certificate)) throw new IllegalStateException("BUG: a serial number came twice");
        audit.record(handle, by, action, device.target(), Audit.NOTHING, certificate.document());
        return new Issued(device, certificate, x509);
    }

    /// Registers a certificate that an authority has issued which the operator trusts.
    ///
    /// @param chain the certificate, then those between it and the authority
    /// @throws PlatformException `NOT_FOUND`, `INVALID` when it is not good or not for this device, `CONFLICT` when it
    ///                           is registered already, or the device has too many
    DeviceCertificate register(Actor by, DeviceId id, List<X509Certificate> chain) {
        try {
            trust.requireTrusted(chain);
        } catch (CertificateException e) {
            throw PlatformException.invalid("certificate", "is not good for a client: " + e.getMessage());
        }
        return registry.changed(by, id, (handle, device) -> {
            requireLiving(device);
            var now = now();
            var certificate = DeviceCertificate.of(chain.getFirst(), id, Source.REGISTERED, now);
            if (!subject(device).isAmong(certificate.names())) {
                throw PlatformException.invalid("certificate", "names " + certificate.names()
                        + "; its common name or an alternative name must be " + device.name());
            }
            requireRoom(handle, device, now);
            if (!store.insert(handle, certificate)) {
                throw new PlatformException(ErrorCode.CONFLICT, "This certificate is registered already.");
            }
            audit.record(handle, by, "device.certificate_registered", device.target(), Audit.NOTHING,
                    certificate.document());
            return new Changed<>(certificate, device, List.of(), List.of(certificate.fingerprint()));
        });
    }

    /// Ends a certificate at once, on every node, open connections included; one that was revoked stays as it was.
    ///
    /// @throws PlatformException `NOT_FOUND` when the device has none with this fingerprint
    DeviceCertificate revoke(Actor by, DeviceId id, Fingerprint fingerprint, RevocationReason reason) {
        var revoked = registry.changed(by, id, (handle, device) -> {
            var known = store.find(handle, id, fingerprint).orElseThrow(() ->
                    PlatformException.notFound("certificate with this fingerprint"));
            if (known.revocation().isPresent()) return new Changed<>(known, device, List.of(), List.of());
            var after = store.revoke(handle, fingerprint, reason, now());
            audit.record(handle, by, "device.certificate_revoked", device.target(), Audit.NOTHING,
                    JsonNodeFactory.instance.objectNode().put("fingerprint", fingerprint.hex())
                            .put("reason", reason.word()));
            return new Changed<>(after, device, List.of(), List.of(fingerprint));
        });
        synchronized (this) {
            list = null;
        }
        return revoked;
    }

    List<DeviceCertificate> of(OrganizationPath scope, DeviceId id) {
        return database.transaction(scope, handle -> store.of(handle, id));
    }

    /// Those that are good now and end before a time, the first to end first.
    List<CertificateStore.Listed> list(OrganizationPath scope, Instant endingBefore, int limit, int offset) {
        return database.transaction(scope, handle -> store.list(handle, now(), endingBefore, limit, offset));
    }

    /// What the platform has issued and is not good any more, signed; at most a minute old.
    synchronized byte[] revocationList() {
        var now = now();
        if (list == null || list.made().plus(LIST_AGE).isBefore(now)) {
            var issuer = authority.certificate().getSubjectX500Principal().getName();
            list = new RevocationList(authority.revocationList(database.transaction(OrganizationPath.ROOT,
                    handle -> store.revoked(handle, issuer, now))), now);
        }
        return list.der();
    }

    /// The authority's own certificate and those above it.
    List<X509Certificate> authorities() {
        return authority.chain();
    }

    private static Subject subject(Device device) {
        return new Subject(device.id().value(), device.name());
    }

    private static void requireLiving(Device device) {
        if (device.status() == DeviceStatus.DECOMMISSIONED) {
            throw new PlatformException(ErrorCode.CONFLICT, "A decommissioned device gets no certificate.");
        }
    }

    private void requireRoom(Handle handle, Device device, Instant now) {
        if (store.countActive(handle, device.id(), now) >= Limits.DEVICE_CERTIFICATES) {
            throw new PlatformException(ErrorCode.CONFLICT, "The device has " + Limits.DEVICE_CERTIFICATES
                    + " certificates that are good; revoke one that is not needed any more.");
        }
        store.makeRoom(handle, device.id(), now);
    }

    /// PostgreSQL keeps microseconds.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
