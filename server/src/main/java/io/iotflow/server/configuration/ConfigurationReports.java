package io.iotflow.server.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.configuration.Recorder.Told;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.WriteBehind;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Takes what devices say of their configurations as a `status`: `{type: "config_ack", version, …}` or
/// `{type: "config_report", configuration}`.
public final class ConfigurationReports implements Lanes.DeviceListener, AutoCloseable {
    private static final String SIGN = "\"config_";

    private final AtomicLong refused = new AtomicLong();
    private final WriteBehind<Told> writer;

    public ConfigurationReports(Configurations configurations) {
        writer = new WriteBehind<>("configuration-reports", Limits.CONFIGURATION_REPORTS, Limits.CONFIGURATION_SPREAD,
                told -> configurations.database().transaction(OrganizationPath.ROOT, handle -> configurations.recorder()
                        .record(handle, told, _ -> refused.incrementAndGet())),
                (_, _) -> refused.incrementAndGet());
    }

    /// Messages that could not be understood, or were about a version that there is not.
    public long refused() {
        return refused.get();
    }

    /// What the lanes wait for.
    public Lanes.Durable durable() {
        return writer.durable();
    }

    @Override
    public void on(DeviceEvent event) {
        if (!(event instanceof DeviceEvent.StatusReceived status) || !status.text().contains(SIGN)) return;
        try {
            var json = Json.mapper().readTree(status.text());
            read(json).ifPresent(report -> writer.submit(new Told(status.device(), report,
                    Timestamps.ofMicros(status.receivedMicros()))));
        } catch (JsonProcessingException | PlatformException _) {
            refused.incrementAndGet();
        }
    }

    private static Optional<Report> read(JsonNode json) {
        return switch (json.path("type").asText()) {
            case "config_ack" -> Optional.of(Report.acknowledgement(Fields.of("", json)));
            case "config_report" -> Optional.of(Report.of(Fields.of("", json)));
            default -> Optional.empty();
        };
    }

    @Override
    public void close() {
        writer.close();
    }
}
