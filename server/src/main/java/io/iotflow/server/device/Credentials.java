package io.iotflow.server.device;

import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Authentication;
import io.iotflow.server.http.Caller;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// Proves who a device is, for every protocol. Answers from memory: well below a microsecond for a key that has been
/// used before.
public final class Credentials implements Authentication {
    private final DeviceRegistry registry;
    private final LongAdder failures = new LongAdder();
    private final List<Consumer<DeviceId>> listeners = new CopyOnWriteArrayList<>();

    public Credentials(DeviceRegistry registry) {
        this.registry = registry;
    }

    /// Calls back when somebody has said to be a device that there is, or has shown what was its own once, and did not
    /// prove it. The listener must be quick and not throw: whoever guesses keys decides how often it is called.
    public void onRefused(Consumer<DeviceId> listener) {
        listeners.add(listener);
    }

    private void refused(Optional<DeviceId> device) {
        device.ifPresent(known -> listeners.forEach(listener -> listener.accept(known)));
    }

    /// The device that owns the key; empty for every other text. A quarantined device is answered too: whoever takes
    /// its data must ask [DeviceStatus#mayPublish()].
    public Optional<Device> authenticate(String apiKey) {
        var device = owner(apiKey);
        if (device.isEmpty()) {
            refused(ApiKey.hashOf(apiKey).flatMap(registry::key).map(DeviceStore.KeyOwner::device));
        }
        return device;
    }

    private Optional<Device> owner(String apiKey) {
        var device = ApiKey.hashOf(apiKey).flatMap(registry::ownerOf);
        if (device.isEmpty()) failures.increment();
        return device;
    }

    /// The same, for a caller that also says who it is: the key must be that device's own.
    public Optional<Device> authenticateAs(String idOrName, String apiKey) {
        var device = owner(apiKey).filter(owner -> owner.isCalled(idOrName));
        if (device.isEmpty()) refused(registry.find(OrganizationPath.ROOT, idOrName).map(Device::id));
        return device;
    }

    /// Until when the key will be taken, as is known now: [Instant#MAX] for one that was not replaced, and
    /// [Instant#MIN] for one that is not taken any more.
    public Instant validUntil(String apiKey) {
        return ApiKey.hashOf(apiKey).flatMap(registry::validUntil).orElse(Instant.MIN);
    }

    /// The device whose certificate this is; that its chain is good, whoever received it has checked.
    public Optional<Device> authenticate(X509Certificate certificate) {
        var fingerprint = Fingerprint.of(certificate);
        var device = registry.ownerOf(fingerprint);
        if (device.isEmpty()) {
            failures.increment();
            refused(registry.formerOwnerOf(fingerprint));
        }
        return device;
    }

    /// As with keys.
    public Instant validUntil(X509Certificate certificate) {
        return registry.validUntil(Fingerprint.of(certificate)).orElse(Instant.MIN);
    }

    /// Keys and certificates that were refused since the start.
    public long failures() {
        return failures.sum();
    }

    /// Understands the header `X-API-Key`, and `TargetToken`, as hawkBit's clients say it.
    @Override
    public Optional<Caller> authenticate(String scheme, String credential) {
        var isKey = scheme.equals("apikey") || scheme.equals("targettoken");
        return isKey ? authenticate(credential).map(Credentials::caller) : Optional.empty();
    }

    @Override
    public Optional<Caller> owner(X509Certificate certificate) {
        return authenticate(certificate).map(Credentials::caller);
    }

    /// The device as a caller that has proven itself, in whatever way.
    public static Caller.Device caller(Device device) {
        return new Caller.Device(device.id(), device.name(), device.organization(),
                device.status() == DeviceStatus.PROVISIONING, device.quarantine().map(Device.Quarantine::sentence));
    }
}
