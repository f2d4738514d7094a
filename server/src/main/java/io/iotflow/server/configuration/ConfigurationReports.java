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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes what devices say of their configurations as a `status`: `{type: "config_ack", version, …}` or
/// `{type: "config_report", configuration}`. Written on a thread of its own, in their order; what cannot be written now
/// is tried again, and while too many wait the lanes stand still: the log is the queue behind it.
public final class ConfigurationReports implements Lanes.DeviceListener, Lanes.Durable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationReports.class);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LOOK_UP = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);
    /// Longer than any trouble that passes by itself while the database answers.
    private static final int ATTEMPTS = 20;
    private static final String SIGN = "\"config_";

    private final Configurations configurations;
    private final ArrayBlockingQueue<Told> queue = new ArrayBlockingQueue<>(Limits.CONFIGURATION_REPORTS);
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean isGivenUp;

    public ConfigurationReports(Configurations configurations) {
        this.configurations = configurations;
        thread = Thread.ofPlatform().name("configuration-reports").daemon().start(this::run);
    }

    /// Messages that could not be understood, or were about a version that there is not.
    public long refused() {
        return refused.get();
    }

    @Override
    public void on(DeviceEvent event) {
        if (!(event instanceof DeviceEvent.StatusReceived status) || !status.text().contains(SIGN)) return;
        try {
            var json = Json.mapper().readTree(status.text());
            read(json).ifPresent(report -> submit(new Told(status.device(), report,
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

    private void submit(Told told) {
        submitted.incrementAndGet();
        try {
            while (!queue.offer(told, LOOK_UP.toNanos(), TimeUnit.NANOSECONDS)) {
                if (isGivenUp || closing.getCount() == 0) throw new IllegalStateException("the platform stops");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public long submitted() {
        return submitted.get();
    }

    @Override
    public long written() {
        return written.get();
    }

    @Override
    public void giveUp() {
        isGivenUp = true;
    }

    private void run() {
        var batch = new ArrayList<Told>();
        try {
            while (closing.getCount() > 0 || !queue.isEmpty()) {
                var first = queue.poll(LOOK_UP.toNanos(), TimeUnit.NANOSECONDS);
                if (first == null) continue;
                batch.add(first);
                queue.drainTo(batch, Limits.CONFIGURATION_SPREAD - 1);
                if (!isWritten(batch)) return;
                batch.clear();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// False if the platform stops before they could be: then they come again at the next start.
    private boolean isWritten(List<Told> batch) throws InterruptedException {
        for (var attempt = 1; !isTried(batch, attempt); attempt++) {
            if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
        }
        written.addAndGet(batch.size());
        return true;
    }

    private boolean isTried(List<Told> batch, int attempt) {
        try {
            configurations.database().transaction(OrganizationPath.ROOT, handle -> configurations.recorder()
                    .record(handle, batch, _ -> refused.incrementAndGet()));
            return true;
        } catch (PlatformException _) {
            return false; // the database does not answer
        } catch (JdbiException e) {
            LOG.warn("event=configuration_reports_not_written count={} attempt={} cause=\"{}\"", batch.size(), attempt,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            if (attempt < ATTEMPTS) return false;
        } catch (RuntimeException e) {
            LOG.error("event=configuration_reports_failed count={}", batch.size(), e);
        }
        // For a bug. Or nothing else would be written ever again.
        refused.addAndGet(batch.size());
        return true;
    }

    /// Writes what was submitted, if the database answers.
    @Override
    public void close() {
        closing.countDown();
        try {
            if (!thread.join(LAST_WAIT)) LOG.warn("event=configuration_reports_abandoned count={}", queue.size());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
