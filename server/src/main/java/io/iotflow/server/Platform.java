package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.command.CommandChannel;
import io.iotflow.server.command.CommandRoutes;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Credentials;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.ingest.http.IngestRoutes;
import io.iotflow.server.ingest.mqtt.MqttListener;
import io.iotflow.server.ingest.mqtt.MqttRoutes;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.live.LiveFeed;
import io.iotflow.server.live.LiveRoutes;
import io.iotflow.server.telemetry.TelemetryRoutes;
import io.iotflow.server.telemetry.TelemetryStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// The whole platform, wired by hand. Read it top to bottom: a line may use only the lines above it. Closing goes the
/// other way: the ports first, then what was acknowledged is brought to the stores.
public final class Platform implements AutoCloseable {
    private final Closer closer = new Closer();
    private final HttpListener http;
    private final MqttListener mqtt;

    public Platform(PlatformConfig config, InstantSource clock) {
        try {
            Path folder = closer.add(DataFolder.lock(config.data().folder())).path();
            var database = closer.add(Database.open(config.database(), folder.resolve("database")));
            var devices = new DeviceRegistry(database, config.device(), clock);
            var credentials = new Credentials(devices);
            var presence = closer.add(new Presence(database, config.device(), clock));
            var telemetry = closer.add(TelemetryStore.open(config.telemetry(), folder.resolve("telemetry"), clock));
            var live = new LiveFeed(id -> devices.find(id).map(Device::name).orElse(""), clock);

            var journalFolder = folder.resolve("journal");
            var journal = closer.add(Journal.open(config.journal(), journalFolder));
            var lanes = closer.add(new Lanes(journal, journalFolder, config.data().lanes(), List.of(
                    event -> observe(event, telemetry), event -> count(event, presence), live)));
            var follower = closer.add(new StoreFollower(journal, telemetry, journalFolder, lanes::position, clock,
                    config.bench().store()));
            var limits = TelemetryLimits.STANDARD;
            var ingest = new Ingest(limits, telemetry.series(), journal, config.bench().log(), clock);

            mqtt = closer.add(new MqttListener(config.mqtt(), folder.resolve("mqtt"), ingest, journal, devices,
                    credentials, presence, _ -> false, clock));
            devices.onChange(id -> changed(id, devices, live));
            http = closer.add(new HttpListener(config.http(), clock, List.of(credentials::caller), List.of(
                    new IngestRoutes(ingest, devices, limits.payloadBytes(), limits.recordsPerMessage()),
                    new CommandRoutes(devices, presence, commands(mqtt), live, clock),
                    new MqttRoutes(config.mqtt(), mqtt, ingest.statistics(), clock))));
        } catch (RuntimeException | Error failure) {
            try (closer) {
                throw failure;
            }
        }
    }

    /// The latest values follow the log.
    private static void observe(DeviceEvent event, TelemetryStore telemetry) {
        if (!(event instanceof DeviceEvent.TelemetryReceived received)) return;
        for (var measurement : received.measurements()) telemetry.series().observe(received.device(), measurement);
    }

    private static void count(DeviceEvent event, Presence presence) {
        var at = Timestamps.ofMicros(event.receivedMicros());
        if (event instanceof DeviceEvent.TelemetryReceived) presence.counted(event.device(), 1, at);
        else presence.seen(event.device(), at);
    }

    /// A device that may not publish any more loses its connections.
    private void changed(DeviceId id, DeviceRegistry devices, LiveFeed live) {
        live.deviceChanged(id, "updated");
        if (devices.find(id).filter(device -> device.status().mayPublish()).isEmpty()) mqtt.disconnect(id);
    }

    private static CommandChannel commands(MqttListener mqtt) {
        return new CommandChannel() {
            @Override
            public boolean isFollowed(DeviceId device) {
                return mqtt.isFollowed(device, Kind.COMMANDS);
            }

            @Override
            public void send(DeviceId device, byte[] command, Optional<Instant> expires) {
                mqtt.publish(device, Kind.COMMANDS, command, false, expires);
            }
        };
    }

    public int httpPort() {
        return http.port();
    }

    public int mqttPort() {
        return mqtt.port();
    }

    @Override
    public void close() {
        closer.close();
    }
}
