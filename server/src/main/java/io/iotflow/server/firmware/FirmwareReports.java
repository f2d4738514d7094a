package io.iotflow.server.firmware;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.WriteBehind;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/// What devices say of their updates over MQTT, and those made for ThingsBoard in their telemetry. What comes again
/// from the log changes nothing twice.
final class FirmwareReports implements Lanes.DeviceListener, AutoCloseable {
    private static final String STATUS = "status";

    private final LongAdder malformed = new LongAdder();
    private final WriteBehind<Updates.Happening> writer;

    FirmwareReports(Updates updates) {
        writer = new WriteBehind<>("firmware-reports", FirmwareLimits.FIRMWARE_REPORTS, FirmwareLimits.FIRMWARE_AT_ONCE,
                updates::happened, (_, _) -> malformed.increment());
    }

    /// What the lanes wait for.
    Lanes.Durable durable() {
        return writer.durable();
    }

    @Override
    public void on(DeviceEvent event) {
        report(event).ifPresent(it -> writer.submit(new Updates.Happening(event.device(), it,
                Timestamps.ofMicros(event.receivedMicros()), true)));
    }

    private Optional<UpdateEvent.Reported> report(DeviceEvent event) {
        if (event instanceof DeviceEvent.TelemetryReceived telemetry) {
            return ThingsBoardFirmware.report(telemetry.measurements());
        }
        if (!(event instanceof DeviceEvent.FirmwareReceived said) || !said.word().equals(STATUS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Report.of(Json.read(said.text().getBytes(StandardCharsets.UTF_8))));
        } catch (PlatformException _) {
            malformed.increment();
            return Optional.empty();
        }
    }

    /// Reports that were none.
    public long malformed() {
        return malformed.sum();
    }

    @Override
    public void close() {
        writer.close();
    }
}
