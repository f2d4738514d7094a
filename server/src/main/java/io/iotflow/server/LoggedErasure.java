package io.iotflow.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.ingest.mqtt.MqttListener;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.live.LiveFeed;
import io.iotflow.server.telemetry.Erasure;
import io.iotflow.server.telemetry.TelemetryStore;
import java.time.Duration;
import java.util.Set;

/// Erases measurements where they came through as well: first everything acknowledged is brought to the store, then the
/// store erases, then the log forgets what it held until then, so that neither its files nor a replay show what was
/// erased. A retained message of its telemetry goes as well, whatever the span. When this returns, all of it is done.
///
/// It is no transaction, so the audit log has two entries of it: one before anything is erased, one when all is.
///
/// Runs on the request's thread, which waits.
record LoggedErasure(TelemetryStore store, Journal journal, StoreFollower follower, Lanes lanes, LiveFeed live,
                     MqttListener mqtt, DeviceRegistry devices, Audit audit) implements Erasure {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    @Override
    public void erase(Actor by, DeviceId device, Set<String> metrics, long fromMicros, long toMicros) {
        var target = devices.find(device).orElseThrow(() -> PlatformException.notFound("device " + device)).target();
        var what = JsonNodeFactory.instance.objectNode().put("from", Timestamps.ofMicros(fromMicros).toString())
                .put("to", Timestamps.ofMicros(toMicros).toString());
        metrics.forEach(what.withArray("metrics")::add);
        audit.record(by, "telemetry.erasure_requested", target, Audit.NOTHING, what);
        erase(device, metrics, fromMicros, toMicros);
        audit.record(by, "telemetry.erased", target, Audit.NOTHING, what);
    }

    private void erase(DeviceId device, Set<String> metrics, long fromMicros, long toMicros) {
        try {
            // The lanes too, or what they still have to read would be a latest value again.
            if (!lanes.catchUp(PATIENCE) || follower.catchUp(PATIENCE).isPresent()) {
                throw later("Measurements are still on their way into the store; nothing was erased.");
            }
            store.erase(device, metrics, fromMicros, toMicros);
            live.forgetTelemetry(device);
            mqtt.forgetTelemetry(device);
            if (!journal.forget(() -> Math.min(follower.position(), lanes.kept()), PATIENCE)) {
                throw later("The store has erased them, but the log has not yet: it is full, or not everything in it "
                        + "is stored. Send the same again.");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw later("The platform is stopping; it may not have erased everything.");
        }
    }

    private static PlatformException later(String detail) {
        return PlatformException.retryLater(ErrorCode.UNAVAILABLE, detail, RETRY_AFTER);
    }
}
