package io.iotflow.server.device;

import io.iotflow.server.http.Caller;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/// Proves who a device is, for every protocol. Answers from memory: well below a microsecond for a key that has been
/// used before.
public final class Credentials {
    private final DeviceRegistry registry;
    private final LongAdder failures = new LongAdder();

    public Credentials(DeviceRegistry registry) {
        this.registry = registry;
    }

    /// The device that owns the key; empty for every other text. A quarantined device is answered too: whoever takes
    /// its data must ask [DeviceStatus#mayPublish()].
    public Optional<Device> authenticate(String apiKey) {
        var device = ApiKey.hashOf(apiKey).flatMap(registry::ownerOf);
        if (device.isEmpty()) failures.increment();
        return device;
    }

    /// The same, for a caller that also says who it is: the key must be that device's own.
    public Optional<Device> authenticateAs(String idOrName, String apiKey) {
        return authenticate(apiKey).filter(device ->
                idOrName.equals(device.name()) || idOrName.equals(device.id().toString()));
    }

    /// Until when the key will be taken, as is known now: [Instant#MAX] for one that was not replaced, and
    /// [Instant#MIN] for one that is not taken any more.
    public Instant validUntil(String apiKey) {
        return ApiKey.hashOf(apiKey).flatMap(registry::validUntil).orElse(Instant.MIN);
    }

    /// Keys that were refused since the start.
    public long failures() {
        return failures.sum();
    }

    /// Understands the header `X-API-Key`; hand it to the HTTP listener as `credentials::caller`.
    public Optional<Caller> caller(String scheme, String credential) {
        if (!scheme.equals("apikey")) return Optional.empty();
        return authenticate(credential).map(device -> new Caller.Device(device.id(), device.name(),
                device.organization(), device.status() == DeviceStatus.PROVISIONING));
    }
}
