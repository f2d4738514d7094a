package io.iotflow.bench.report;

import java.util.Locale;

/// Everything that is ever reported, in the order of the table. `docs/reference/benchmarks.md` explains each.
public enum Figure {
    CONNECTIONS("connections", 0),
    CONNECTS_PER_SECOND("connects/s", 0),
    MESSAGES_PER_SECOND("messages/s", 0),
    POINTS_PER_SECOND("points/s", 0),
    ACK_P50_MS("ack p50, ms", 2),
    ACK_P99_MS("ack p99, ms", 2),
    ACK_P999_MS("ack p99.9, ms", 2),
    ACK_MAX_MS("ack max, ms", 2),
    GENERATOR_LATE_P99_MS("generator late p99, ms", 2),
    MESSAGES_SENT("messages sent", 0),
    MESSAGES_ACKNOWLEDGED("messages acknowledged", 0),
    MESSAGES_REFUSED("messages refused", 0),
    MESSAGES_DELIVERED("delivered to subscriber", 0),
    ACKS_UNEXPECTED("unexpected acks", 0),
    CONNECTIONS_BROKEN("broken connections", 0),
    POINTS_ACKNOWLEDGED("points acknowledged", 0),
    POINTS_STORED("points in the store", 0),
    POINTS_MISSING("points missing", 0),
    POINTS_SURPLUS("points never sent", 0),
    STORE_LAG_MAX_S("store lag max, s", 2),
    STORE_LAG_FINAL_S("store lag at the end, s", 2),
    RESIDENT_EARLY_MB("resident early, MB", 0),
    RESIDENT_PEAK_MB("resident peak, MB", 0),
    HEAP_PEAK_MB("heap used peak, MB", 0),
    PLATFORM_CPU_S("its processor time, s", 1),
    GENERATOR_CPU_S("generator processor time, s", 1),
    RESIDENT_PER_CONNECTION_KB("resident a connection, KB", 1),
    HEAP_PER_CONNECTION_KB("live heap a connection, KB", 1),
    QUERY_P50_MS("p50, ms", 2),
    QUERY_P99_MS("p99, ms", 2),
    QUERIES("queries", 0),
    COLD_START_S("first start, s", 2),
    WARM_START_MEDIAN_S("warm start median, s", 2),
    WARM_START_MAX_S("warm start max, s", 2),
    IDLE_RESIDENT_MB("idle resident, MB", 0),
    IDLE_PROCESSES("idle processes", 0),
    RULES("rules", 0),
    RATE_WITHOUT_RULES_PERCENT("of the rate without rules, %", 1),
    EVALUATIONS_PER_SECOND("rules asked/s", 0),
    FINDINGS_PER_SECOND("beginnings and ends/s", 0),
    LANES_LAG_FINAL_MB("rules behind at the end, MB", 1),
    RULES_DONE_S("until rules had seen all, s", 2),
    RULE_STATES("rules at devices", 0),
    RULE_STATE_BYTES("bytes a rule at a device", 0),
    RULE_WINDOW_BYTES("bytes of windows a device", 0),
    ALERTS("alerts", 0),
    ALERT_P50_MS("PUBACK to live alert p50, ms", 2),
    ALERT_P95_MS("PUBACK to live alert p95, ms", 2),
    ALERT_P99_MS("PUBACK to live alert p99, ms", 2),
    REPLAY_POINTS("points replayed", 0),
    REPLAY_S("replay, s", 2),
    ROLLOUT_DEVICES("devices", 0),
    ROLLOUT_S("rollout, s", 1),
    ROLLOUT_INSTALLED("installed", 0),
    ROLLOUT_FAILED("failed", 0),
    ROLLOUT_DOWNLOADED_MB("downloaded, MB", 0),
    RESIDENT_BEFORE_MB("resident before, MB", 0),
    COMMANDS("commands", 0),
    COMMANDS_QUEUED_S("until queued, s", 2),
    COMMANDS_DELIVERED_S("until delivered, s", 2),
    COMMANDS_DONE_S("until succeeded, s", 2),
    BATCH_DEVICES("devices", 0),
    BATCH_STARTED_S("until started, s", 2),
    BATCH_DONE_S("until done, s", 2),
    UPDATES_APPLIED("updates in shadows", 0),
    UPDATES_MISSING("updates missing", 0),
    UPDATES_SURPLUS("updates never sent", 0),
    SHADOWS_DONE_S("until shadows had all, s", 2);

    private final String words;
    private final int decimals;

    Figure(String words, int decimals) {
        this.words = words;
        this.decimals = decimals;
    }

    /// Its name in the results file.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    String words() {
        return words;
    }

    String format(double value) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
