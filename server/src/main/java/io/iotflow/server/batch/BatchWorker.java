package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.batch.Batch.Line;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what batches want, a part after the other, on a thread of its own. What is done and what is said about it are
/// one transaction, so a batch goes on after a restart where it was, and does nothing twice. Batches take turns.
public final class BatchWorker implements AutoCloseable {
    static final String WAKE = "batch";
    private static final Logger LOG = LoggerFactory.getLogger(BatchWorker.class);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
    /// So short that other changes of the same devices hardly wait.
    static final int DEVICES_AT_ONCE = 200;

    private final Database database;
    private final Deed deed;
    private final BiConsumer<OrganizationPath, Supplier<ObjectNode>> listener;
    private final InstantSource clock;
    private final BatchStore store = new BatchStore();
    private final Worker worker;
    private long forgetAt = System.nanoTime();

    /// @param listener told how far a batch has come whenever it has come further; asks for it if somebody listens
    public BatchWorker(Database database, Deed deed, BiConsumer<OrganizationPath, Supplier<ObjectNode>> listener,
            InstantSource clock) {
        this.database = database;
        this.deed = deed;
        this.listener = listener;
        this.clock = clock;
        worker = new Worker(database, WAKE, "batches", RETRY, this::pass);
        worker.start();
    }

    private Duration pass() {
        while (!worker.isClosing()) {
            forgetNowAndThen();
            var open = database.transaction(OrganizationPath.ROOT, store::open);
            var isBusy = false;
            for (var batch : open) {
                if (!worker.isClosing()) isBusy |= advance(batch);
            }
            if (!isBusy) return REST;
        }
        return Duration.ZERO;
    }

    /// @return false if another node is at it
    private boolean advance(Batch batch) {
        var next = database.transaction(batch.organization(), handle ->
                store.waiting(handle, batch, batch.isAtomic() ? CommandLimits.BATCH_DEVICES : DEVICES_AT_ONCE));
        try {
            return isDone(batch, next);
        } catch (PlatformException e) {
            if (e.code().status() >= 500) throw e; // the database is away
            return isFailed(batch, String.valueOf(e.getMessage()));
        } catch (JdbiException e) {
            throw e; // another was in the way
        } catch (RuntimeException e) {
            LOG.error("event=batch_failed batch={}", batch.id(), e);
            return isFailed(batch, "an internal error");
        }
    }

    private boolean isDone(Batch batch, List<Line> next) {
        try (var work = deed.begin(batch, next)) {
            var isOurs = database.transaction(batch.organization(), handle -> {
                if (!store.isLocked(handle, batch)) return false;
                store.write(handle, batch, work.done(handle));
                // In the pass after the last part: whoever reads that it is done reads devices as they are then.
                if (next.isEmpty()) store.end(handle, batch, now());
                return true;
            });
            if (isOurs) {
                work.committed();
                tell(batch);
            }
            return isOurs;
        } catch (Deed.Aborted refused) {
            return isFailed(batch, "nothing was done: device " + refused.line().name() + " (" + refused.line().device()
                    + ") refused it: " + refused.line().detail());
        }
    }

    private boolean isFailed(Batch batch, String why) {
        var isOurs = database.transaction(batch.organization(), handle -> {
            if (!store.isLocked(handle, batch)) return false;
            store.failAll(handle, batch, why);
            store.end(handle, batch, now());
            return true;
        });
        if (isOurs) tell(batch);
        return isOurs;
    }

    private void tell(Batch batch) {
        listener.accept(batch.organization(), () -> database.transaction(batch.organization(), handle ->
                new Progress(store.find(handle, batch.id()).orElse(batch), store.counts(handle, batch.id()))).event());
    }

    private void forgetNowAndThen() {
        if (forgetAt - System.nanoTime() > 0) return;
        forgetAt = System.nanoTime() + FORGET_EVERY.toNanos();
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.forget(handle, now().minus(CommandLimits.BATCH_KEPT_TIME));
            return null;
        });
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// Ends after the part that is being done.
    @Override
    public void close() {
        if (!worker.close(LAST_WAIT)) LOG.warn("event=batch_abandoned");
    }
}
