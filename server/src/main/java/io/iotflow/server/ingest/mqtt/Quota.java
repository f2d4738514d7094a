package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.limits.Bucket;
import io.iotflow.server.limits.RateLimits;
import io.iotflow.server.limits.RateLimits.Kind;

/// What one device may still send: by its own limit and by its organization's. Looks the buckets and the time up once
/// for all packets that arrive in one read, so that it costs next to nothing. Used on the connection's event loop only.
final class Quota {
    private final RateLimits limits;
    private final MqttSession.OfDevice session;
    private boolean isFresh;
    private long now;
    private Bucket device;
    private Bucket organization;
    private Kind spent;

    Quota(RateLimits limits, MqttSession.OfDevice session) {
        this.limits = limits;
        this.session = session;
    }

    /// What was read has been dealt with.
    void readComplete() {
        isFresh = false;
    }

    /// Takes one.
    ///
    /// @return 0, or the nanoseconds after which there will be one
    long take() {
        if (!limits.countsMessages()) return 0;
        if (!isFresh) {
            now = limits.now();
            device = limits.ofDevice(session.id(), now);
            organization = limits.ofOrganization(session.organization(), now);
            isFresh = true;
        }
        var wait = device == null ? 0 : device.take(now);
        spent = Kind.DEVICE;
        if (wait > 0 || organization == null) return wait;
        spent = Kind.ORGANIZATION;
        return organization.take(now);
    }

    /// Counts that something was refused or must wait for what [#take] has just found spent.
    Kind refuse() {
        limits.refused(spent);
        return spent;
    }
}
