package io.iotflow.server.trace;

import io.iotflow.protocol.Measurement;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.Tracing;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The devices that are followed now or were a short while ago. While none is, whoever asks looks at an empty map, and
/// that is all.
///
/// Any thread may call. Each trace has a virtual thread that ends it in time.
public final class Traces implements Tracing, AutoCloseable {
    private final Secrecy secrecy;
    private final Audit audit;
    private final InstantSource clock;
    /// Those that run, and those that may still be read; under this object's lock.
    private final Map<DeviceId, DeviceTrace> known = new HashMap<>();
    /// Never changed, only replaced.
    private volatile Map<DeviceId, DeviceTrace> running = Map.of();

    /// What must not be seen. Both answers may fail as refusals do; then everything is taken to be secret.
    public interface Secrecy {
        boolean isAnythingSensitive(OrganizationPath organization);

        boolean isAnySensitive(OrganizationPath organization, List<Measurement> measurements);
    }

    public Traces(Secrecy secrecy, Audit audit, InstantSource clock) {
        this.secrecy = secrecy;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public Tracing.Trace of(DeviceId device) {
        var now = running;
        return now.isEmpty() ? null : now.get(device);
    }

    /// Follows the device from now on; one that is followed already, until the new end.
    ///
    /// @throws PlatformException `CONFLICT` when as many are followed as may be
    synchronized DeviceTrace start(Actor by, Device device, Duration length) {
        var until = clock.instant().plus(length);
        var there = running.get(device.id());
        if (there == null) checkRoom(device);
        audit.record(by, "trace.started", device.target(), Audit.NOTHING,
                Json.mapper().createObjectNode().put("until", until.toString()));
        if (there != null) {
            there.endAt(until, length);
            return there;
        }
        makeRoom(device.id());
        var trace = new DeviceTrace(device.id(), device.organization(), secrecy, by.toString(), clock.instant(),
                until, length);
        known.put(device.id(), trace);
        publish();
        Thread.ofVirtual().name("trace-" + device.id()).start(() -> guard(trace));
        return trace;
    }

    private void checkRoom(Device device) {
        if (running.size() >= Limits.TRACES) {
            throw new PlatformException(ErrorCode.CONFLICT, Limits.TRACES
                    + " devices are followed already; end one of these traces, or wait until one ends.");
        }
        var ofOrganization = running.values().stream().filter(it -> it.organization().equals(device.organization()))
                .count();
        if (ofOrganization >= Limits.TRACES_OF_ORGANIZATION) {
            throw new PlatformException(ErrorCode.CONFLICT, Limits.TRACES_OF_ORGANIZATION + " devices of the "
                    + "organization are followed already; end one of these traces, or wait until one ends.");
        }
    }

    /// What ended first goes first.
    private void makeRoom(DeviceId device) {
        forget(known.get(device));
        if (known.size() >= Limits.TRACES) {
            known.values().stream().filter(it -> !it.isRunning()).min(Comparator.comparing(DeviceTrace::until))
                    .ifPresent(this::forget);
        }
    }

    private synchronized void forget(DeviceTrace trace) {
        if (trace == null) return;
        known.remove(trace.device(), trace);
        trace.stop();
        publish();
    }

    private synchronized void publish() {
        var now = new HashMap<DeviceId, DeviceTrace>();
        for (var trace : known.values()) if (trace.isRunning()) now.put(trace.device(), trace);
        running = Map.copyOf(now);
    }

    private void guard(DeviceTrace trace) {
        try {
            trace.awaitEnd();
            publish();
            trace.awaitForgetting();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            forget(trace);
        }
    }

    synchronized Optional<DeviceTrace> find(DeviceId device) {
        return Optional.ofNullable(known.get(device));
    }

    /// Ends it and forgets what it has seen; nothing happens if there is none.
    synchronized void end(Actor by, Device device) {
        var trace = known.get(device.id());
        if (trace == null) return;
        if (trace.isRunning()) audit.record(by, "trace.ended", device.target(), Audit.NOTHING, Audit.NOTHING);
        forget(trace);
    }

    @Override
    public synchronized void close() {
        List.copyOf(known.values()).forEach(this::forget);
    }
}
