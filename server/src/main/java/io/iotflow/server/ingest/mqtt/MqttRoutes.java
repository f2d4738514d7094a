package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.iotflow.server.ingest.IngestStatistics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What can be asked about the broker over HTTP.
public final class MqttRoutes implements Routes {
    private final MqttConfig config;
    private final MqttListener listener;
    private final IngestStatistics statistics;
    private final InstantSource clock;
    private final Instant startedAt;

    public MqttRoutes(MqttConfig config, MqttListener listener, IngestStatistics statistics, InstantSource clock) {
        this.config = config;
        this.listener = listener;
        this.statistics = statistics;
        this.clock = clock;
        startedAt = clock.instant();
    }

    @Override
    public void declare(RouteTable table) {
        table.get("mqtt/status", Access.deviceOrWith(Permission.PLATFORM_READ), _ -> status());
        table.get("mqtt/monitoring/metrics", Access.with(Permission.PLATFORM_READ), _ -> metrics());
    }

    private Reply status() {
        var broker = new LinkedHashMap<String, Object>();
        broker.put("host", config.host());
        broker.put("port", listener.port());
        broker.put("connected", true);
        broker.put("tls_enabled", listener.tlsPort() >= 0);
        broker.put("tls_port", orNull(listener.tlsPort()));
        broker.put("websocket_port", orNull(listener.websocketPort()));
        return Reply.ok(Map.of("status", "success",
                "mqtt_status", Map.of("connected", true, "connections", listener.connections(),
                        "uptime_seconds", Duration.between(startedAt, clock.instant()).toSeconds()),
                "broker_info", broker));
    }

    private static Integer orNull(int port) {
        return port < 0 ? null : port;
    }

    private Reply metrics() {
        var rejections = new LinkedHashMap<String, Long>();
        for (var reason : Reason.values()) {
            rejections.put(reason.name().toLowerCase(Locale.ROOT), statistics.rejections(reason));
        }
        var rejected = rejections.values().stream().mapToLong(Long::longValue).sum();
        var metrics = new LinkedHashMap<String, Object>();
        metrics.put("connections", listener.connections());
        metrics.put("connects_refused", listener.refusedConnects());
        metrics.put("connections_failed", listener.failures());
        metrics.put("messages_received", statistics.messages() + rejected + statistics.shedMessages());
        metrics.put("messages_accepted", statistics.messages());
        metrics.put("messages_rejected", rejected);
        metrics.put("messages_shed", statistics.shedMessages());
        metrics.put("rejections", rejections);
        return Reply.ok(Map.of("status", "success", "metrics", metrics));
    }
}
