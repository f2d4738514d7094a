package io.iotflow.server.alert;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.ingest.Handover;
import io.iotflow.server.ingest.Lanes;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes findings in their order, as many at once as wait, on a thread of its own. What cannot be written now is tried
/// again for ever; meanwhile the queue fills, and then the lanes stand still: the log is the queue behind it.
final class AlertWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AlertWriter.class);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);
    /// So often it may be the others' fault.
    private static final int ATTEMPTS = 3;

    /// @param finding empty only to wake the writer
    private record Waiting(Optional<Finding> finding, long sinceNanos) {
        static Waiting of(Finding findingOrNull) {
            return new Waiting(Optional.ofNullable(findingOrNull), System.nanoTime());
        }
    }

    private final Database database;
    private final AlertStore store;
    private final Telling telling;
    private final Consumer<List<AlertChanged>> announce;
    private final AlertUpkeep upkeep;
    private final InstantSource clock;
    private final Handover<Waiting> handover = new Handover<>(Limits.FINDINGS);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile String fault = "";
    private volatile Waiting oldest;

    AlertWriter(Database database, AlertStore store, Telling telling, Consumer<List<AlertChanged>> announce,
                AlertUpkeep upkeep, InstantSource clock) {
        this.database = database;
        this.store = store;
        this.telling = telling;
        this.announce = announce;
        this.upkeep = upkeep;
        this.clock = clock;
        thread = Thread.ofPlatform().name("alert-writer").start(this::run);
    }

    /// Waits while too many wait.
    void submit(Finding finding) {
        handover.submit(Waiting.of(finding));
    }

    /// Makes it look after its upkeep soon.
    void wake() {
        handover.offer(Waiting.of(null));
    }

    /// What the lanes wait for.
    Lanes.Durable durable() {
        return handover;
    }

    /// Findings that could never be written, for a bug.
    long dropped() {
        return dropped.get();
    }

    /// Beginnings for which there were too many open alerts.
    long refused() {
        return refused.get();
    }

    /// Why nothing can be written now; empty if all is well.
    String fault() {
        return fault;
    }

    /// How long the oldest finding that is not written has waited to be.
    Duration lag() {
        var first = oldest;
        if (first == null) first = handover.peek();
        return first == null || first.finding().isEmpty() ? Duration.ZERO
                : Duration.ofNanos(Math.max(0, System.nanoTime() - first.sinceNanos()));
    }

    private void run() {
        var batch = new ArrayList<Finding>();
        var taken = new ArrayList<Waiting>();
        try {
            while (closing.getCount() > 0 || handover.waiting() > 0) {
                var first = handover.poll(upkeep.nextIn());
                oldest = first;
                if (first != null) {
                    taken.add(first);
                    handover.drainTo(taken, Limits.FINDINGS_AT_ONCE - 1);
                    taken.forEach(entry -> entry.finding().ifPresent(batch::add));
                    if (!batch.isEmpty() && !isWritten(batch)) return;
                    batch.clear();
                    taken.clear();
                    oldest = null;
                }
                if (closing.getCount() > 0) upkeep.doWhatIsDue();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// False if the platform stops before they could be: then they come again at the next start.
    private boolean isWritten(List<Finding> findings) throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try {
                write(findings, telling);
                handover.kept(findings.size());
                fault = "";
                return true;
            } catch (RuntimeException e) {
                fault = e.getMessage() == null ? e.toString() : e.getMessage().lines().findFirst().orElse("");
                if (attempt >= ATTEMPTS && isTheirFault(e)) return isWrittenOneByOne(findings);
                LOG.warn("event=findings_not_written count={} attempt={} cause=\"{}\" effect=\"tried again in {}\"",
                        findings.size(), attempt, fault, RETRY);
            }
            if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
        }
    }

    /// After they could not be written together.
    private boolean isWrittenOneByOne(List<Finding> findings) throws InterruptedException {
        for (var finding : findings) {
            while (!isWrittenAlone(finding)) {
                if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
            }
            handover.kept(1);
        }
        fault = "";
        return true;
    }

    /// Rather without telling it than not at all; what cannot be written even then is dropped, or nothing else would
    /// be written ever again.
    private boolean isWrittenAlone(Finding finding) {
        for (var told : List.<Telling>of(telling, (_, _) -> { })) {
            try {
                write(List.of(finding), told);
                return true;
            } catch (RuntimeException e) {
                if (!isTheirFault(e)) return false;
                LOG.error("event=finding_refused rule={} device={} told={}", finding.source().rule(),
                        finding.device(), told == telling, e);
            }
        }
        dropped.incrementAndGet();
        return true;
    }

    private void write(List<Finding> findings, Telling told) {
        record Written(List<AlertChanged> changes, int refused) {}
        var written = database.transaction(OrganizationPath.ROOT, handle -> {
            var round = new Round(store, handle, clock.instant());
            round.apply(findings);
            return new Written(round.write(told), round.refused());
        });
        refused.addAndGet(written.refused());
        announce.accept(written.changes());
    }

    /// Whether the same would fail again, however often: nothing that the state of the database explains.
    private static boolean isTheirFault(Throwable failure) {
        if (failure instanceof PlatformException) return false;
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23")
                        || sql.getSQLState().startsWith("42");
            }
        }
        return true;
    }

    /// Writes what was submitted, if the database answers.
    @Override
    public void close() {
        closing.countDown();
        handover.giveUp();
        wake();
        try {
            if (!thread.join(LAST_WAIT)) LOG.warn("event=alert_writer_abandoned unwritten={}", handover.waiting());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
