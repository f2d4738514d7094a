package io.iotflow.server;

import io.iotflow.server.alert.Alerts;
import io.iotflow.server.audit.AuditLog;
import io.iotflow.server.command.Commands;
import io.iotflow.server.configuration.ConfigurationReports;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Presence;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.encryption.SealedTelemetry;
import io.iotflow.server.firmware.Firmware;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.ingest.mqtt.MqttListener;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.limits.RateLimits;
import io.iotflow.server.live.LiveFeed;
import io.iotflow.server.notification.Outbox;
import io.iotflow.server.operations.Health;
import io.iotflow.server.operations.HealthCheck;
import io.iotflow.server.operations.Metrics;
import io.iotflow.server.processing.ProcessingRules;
import io.iotflow.server.rule.RuleEngine;
import io.iotflow.server.shadow.Shadows;
import io.iotflow.server.telemetry.TelemetryStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Which figures of which part are shown as metrics, health and statistics.
record PlatformFigures(Database database, Presence presence, Statuses statuses, Journal journal,
        StoreFollower follower, Lanes lanes, Ingest ingest, TelemetryStore telemetry, LiveFeed live,
        MqttListener mqtt, AuditLog audit, RateLimits limits, SealedTelemetry sealed, Alerts alerts, RuleEngine rules,
        Outbox outbox) {
    /// Behind by more than this the store, and likewise the writing of alerts, is called degraded.
    private static final long LAG_DEGRADED_MILLIS = 5_000;

    void register(Metrics metrics) {
        var statistics = ingest.statistics();
        metrics.counter("iotflow.ingest.messages", "Messages of all kinds that were accepted", statistics::messages);
        metrics.counter("iotflow.ingest.points", "Measurements that were accepted", statistics::points);
        for (var reason : Reason.values()) {
            metrics.counter("iotflow.ingest.rejected", "Messages that were refused",
                    () -> statistics.rejections(reason), "reason", word(reason));
        }
        metrics.counter("iotflow.ingest.overloads", "How often a message met a full log", statistics::overloads);
        metrics.counter("iotflow.ingest.shed", "Messages of QoS 0 dropped for lack of room", statistics::shedMessages);
        metrics.counter("iotflow.journal.commits", "Commits of the log", journal::commits);
        metrics.counter("iotflow.journal.commit.nanoseconds", "Time spent in commits of the log", journal::commitNanos);
        metrics.counter("iotflow.journal.damaged.bytes", "Bytes of the log found damaged", journal::damagedBytes);
        metrics.gauge("iotflow.journal.retained.bytes", "Bytes of the log still needed", journal::retainedBytes);
        metrics.gauge("iotflow.store.lag.seconds", "How far the telemetry store is behind the log",
                () -> follower.lag().toNanos() / 1e9);
        metrics.gauge("iotflow.store.lag.bytes", "Bytes of the log not in the store yet", follower::lagBytes);
        metrics.gauge("iotflow.store.unapplied", "Store commits not visible to questions yet", telemetry::lag);
        metrics.counter("iotflow.encryption.sealed", "Values of sensitive metrics that were sealed", sealed::sealed);
        metrics.counter("iotflow.encryption.unreadable", "How often a sealed value could not be opened",
                sealed::unreadable);
        metrics.counter("iotflow.store.points", "Measurements written to the store", telemetry::pointsWritten);
        metrics.gauge("iotflow.store.native.bytes", "Native memory of the store", telemetry::nativeMemory);
        metrics.gauge("iotflow.lanes.lag.bytes", "Bytes of the log not dealt with by the lanes yet", lanes::lagBytes);
        metrics.gauge("iotflow.mqtt.connections", "MQTT connections", mqtt::connections);
        metrics.counter("iotflow.mqtt.connects.refused", "MQTT connects that were refused", mqtt::refusedConnects);
        metrics.counter("iotflow.mqtt.connections.failed", "MQTT connections that ended by an error", mqtt::failures);
        for (var kind : RateLimits.Kind.values()) {
            metrics.counter("iotflow.limits.refused", "Messages, connects and requests beyond a rate limit",
                    () -> limits.refusals(kind), "limit", kind.name().toLowerCase(Locale.ROOT));
        }
        metrics.counter("iotflow.limits.dropped", "Messages of QoS 0 dropped for a rate limit", limits::drops);
        metrics.gauge("iotflow.devices.online", "Devices that are online", presence::online);
        metrics.gauge("iotflow.live.readers", "Readers of the live feed", live::readers);
        metrics.counter("iotflow.live.events", "Events in the live feed", live::published);
        metrics.counter("iotflow.rules.evaluations", "Rules asked about a message",
                () -> rules.figures().evaluations());
        metrics.counter("iotflow.rules.findings", "Beginnings and ends that rules found",
                () -> rules.figures().findings());
        metrics.counter("iotflow.rules.late", "Measurements that came too late for rules",
                () -> rules.figures().late());
        metrics.gauge("iotflow.rules.states", "Rules at devices, each counted by itself",
                () -> rules.figures().states());
        metrics.gauge("iotflow.rules.bytes", "Memory that rules' states take, about", () -> rules.figures().bytes());
        metrics.gauge("iotflow.rules.window.bytes", "Memory that rules' windows take, about",
                () -> rules.figures().windowBytes());
        metrics.gauge("iotflow.alerts.open", "Open alerts, counted every 15 s", alerts::open);
        metrics.counter("iotflow.alerts.findings", "Findings of rules that were written", alerts::written);
        metrics.counter("iotflow.alerts.dropped", "Findings that could never be written", alerts::dropped);
        metrics.counter("iotflow.alerts.refused", "Beginnings for which too many alerts were open", alerts::refused);
        metrics.gauge("iotflow.alerts.lag.seconds", "How long the oldest unwritten finding has waited",
                () -> alerts.lag().toNanos() / 1e9);
        metrics.counter("iotflow.notifications.delivered", "Notifications that were delivered", outbox::delivered);
        metrics.counter("iotflow.notifications.failed", "Notifications that were given up", outbox::failed);
        metrics.counter("iotflow.notifications.retries", "Failures of notifications that are tried again",
                outbox::retries);
        metrics.gauge("iotflow.notifications.waiting", "Notifications that wait, or are held back", outbox::waiting);
        metrics.gauge("iotflow.audit.entries", "Entries in the audit log's tree", audit::size);
        metrics.gauge("iotflow.audit.unsequenced", "Entries recorded and not in the tree yet", audit::unnumbered);
        metrics.gauge("iotflow.audit.checkpoint.age.seconds", "Since this node signed a checkpoint",
                () -> audit.checkpointAge().toMillis() / 1e3);
        metrics.gauge("iotflow.database.connections.active", "Database connections in use",
                () -> database.load().active());
        metrics.gauge("iotflow.database.waiting", "Requests that wait for a database connection",
                () -> database.load().waiting());
    }

    static void register(Metrics metrics, ProcessingRules processing) {
        metrics.gauge("iotflow.processing.rules", "Processing rules that are on", processing::active);
        metrics.counter("iotflow.processing.faults", "How often a step of a processing rule failed",
                processing::faults);
    }

    static void register(Metrics metrics, Commands commands) {
        metrics.gauge("iotflow.commands.unkept", "What devices have said of commands and is not kept yet",
                commands::waiting);
    }

    static void register(Metrics metrics, Configurations configurations, ConfigurationReports reports) {
        metrics.gauge("iotflow.configurations.drifting", "Devices that do not have the configuration they should",
                configurations::drifting);
        metrics.counter("iotflow.configurations.refused", "What devices said of configurations and could not be taken",
                reports::refused);
    }

    static void register(Metrics metrics, Shadows shadows) {
        metrics.counter("iotflow.shadow.updates", "Reported halves of shadows that devices have changed",
                shadows::updates);
        metrics.counter("iotflow.shadow.refusals", "Messages about shadows that were refused", shadows::refusals);
    }

    static void register(Metrics metrics, Firmware firmware) {
        metrics.counter("iotflow.firmware.refused",
                "Reports about firmware that were none, and requests for chunks without room", firmware::refused);
    }

    void register(Metrics metrics, HttpListener http) {
        var statistics = http.statistics();
        for (int digit = 1; digit <= 5; digit++) {
            metrics.counter("iotflow.http.answers", "HTTP answers by the first digit of their status",
                    statistics.answers(digit)::sum, "status", digit + "xx");
        }
        metrics.counter("iotflow.http.nanoseconds", "Time spent answering", statistics.nanoseconds()::sum);
        metrics.counter("iotflow.http.overloads", "HTTP requests refused for lack of room",
                statistics.overloaded()::sum);
        metrics.counter("iotflow.http.malformed", "Requests that were not HTTP", statistics.malformed()::sum);
    }

    List<HealthCheck> checks() {
        return List.of(
                HealthCheck.of("database", this::databaseHealth),
                HealthCheck.of("journal", this::journalHealth),
                HealthCheck.of("telemetry_store", this::storeHealth),
                HealthCheck.of("alerts", this::alertHealth),
                HealthCheck.of("audit", this::auditHealth),
                HealthCheck.of("mqtt", () -> Health.healthy("listening", Map.of("connections", mqtt.connections(),
                        "port", mqtt.port()))));
    }

    private Health databaseHealth() {
        var took = database.ping();
        var load = database.load();
        return Health.healthy(database.isEmbedded() ? "embedded PostgreSQL" : "external PostgreSQL",
                Map.of("ping_us", took.toNanos() / 1_000, "connections_active", load.active(),
                        "connections_limit", load.limit(), "waiting", load.waiting()));
    }

    private Health journalHealth() {
        var figures = Map.<String, Object>of("retained_bytes", journal.retainedBytes(), "commits", journal.commits(),
                "damaged_bytes", journal.damagedBytes());
        return journal.isHealthy() ? Health.healthy("acknowledging", figures)
                : Health.unhealthy("the disk refused a write; repair it, then restart", figures);
    }

    private Health storeHealth() {
        var lag = follower.lag().toMillis();
        var figures = Map.<String, Object>of("lag_ms", lag, "unapplied_bytes", follower.lagBytes(), "unapplied_commits",
                telemetry.lag(), "points_written", telemetry.pointsWritten());
        if (!follower.isHealthy()) return Health.unhealthy("the store refuses writes; the log keeps them", figures);
        return lag > LAG_DEGRADED_MILLIS ? Health.degraded("behind the log", figures)
                : Health.healthy("following the log", figures);
    }

    /// Degraded at the worst: the log keeps what rules will find.
    private Health alertHealth() {
        var lag = alerts.lag().toMillis();
        var figures = Map.<String, Object>of("lag_ms", lag, "waiting", alerts.submitted() - alerts.written(), "open",
                alerts.open(), "dropped", alerts.dropped());
        if (!alerts.fault().isEmpty()) return Health.degraded("cannot write: " + alerts.fault(), figures);
        return lag > LAG_DEGRADED_MILLIS ? Health.degraded("behind the log", figures)
                : Health.healthy("writing what rules find", figures);
    }

    /// Degraded at the worst: acts are recorded all the same, and no load balancer can help.
    private Health auditHealth() {
        var figures = Map.<String, Object>of("entries", audit.size(), "unsequenced", audit.unnumbered(),
                "checkpoint_age_ms", audit.checkpointAge().toMillis());
        return audit.fault().isEmpty() ? Health.healthy("signing what is recorded", figures)
                : Health.degraded(audit.fault(), figures);
    }

    Map<String, Object> statistics() {
        var refused = new LinkedHashMap<String, Long>();
        for (var reason : Reason.values()) refused.put(word(reason), ingest.statistics().rejections(reason));
        refused.put("shed", ingest.statistics().shedMessages());
        var sections = new LinkedHashMap<String, Object>();
        sections.put("devices", Map.of("online", presence.online(), "connected", presence.connected(),
                "total", statuses.list(_ -> true, 1, 0).total()));
        sections.put("messages", Map.of("accepted", ingest.statistics().messages(), "refused", refused));
        sections.put("points", Map.of("written", telemetry.pointsWritten()));
        sections.put("store", Map.of("lag_ms", follower.lag().toMillis(), "healthy", follower.isHealthy()));
        return sections;
    }

    private static String word(Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
