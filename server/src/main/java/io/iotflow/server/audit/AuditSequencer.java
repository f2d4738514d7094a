package io.iotflow.server.audit;

import io.iotflow.ledger.Checkpoint;
import io.iotflow.ledger.Hash;
import io.iotflow.ledger.MerkleTree;
import io.iotflow.ledger.SignedNote;
import io.iotflow.ledger.SigningKey;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the log grow: gives committed entries the next numbers, in the order of their ids, puts them into the tree and
/// signs a checkpoint, all in one transaction. Of several nodes one does so at a time; each tries when it hears of an
/// entry, so none is left.
///
/// It signs only what continues the last checkpoint. A database whose log has been changed meanwhile gets no signature
/// any more; entries are still recorded, and the platform says that it is unhealthy.
///
/// One platform thread.
final class AuditSequencer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditSequencer.class);
    /// Whoever missed a notification is found by then.
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    /// Entries that come together share a checkpoint: it rests three times as long as it has worked, within these.
    private static final Duration GATHER = Duration.ofMillis(20);
    private static final Duration GATHER_AT_MOST = Duration.ofMillis(250);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Database database;
    private final SigningKey key;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private boolean isWoken = true;
    private long begun;
    private long finished;
    /// What this process has signed last, which it need not verify; whether or not that was committed.
    private Own own = new Own("", null);
    private volatile State state;

    private record Own(String note, Checkpoint checkpoint) {}

    /// How the log is.
    ///
    /// @param size       entries in the tree
    /// @param unnumbered entries that are not yet
    /// @param since      when the checkpoint was signed, or, with a fault, when the last pass ended well
    /// @param fault      why the log does not grow; empty if it does
    record State(Optional<Checkpoint> checkpoint, long unnumbered, Instant since, String fault) {
        long size() {
            return checkpoint.map(Checkpoint::size).orElse(0L);
        }
    }

    /// The log is not what was signed last.
    private static final class Rewritten extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Rewritten(String reason) {
            super(reason, null, false, false);
        }
    }

    AuditSequencer(Database database, SigningKey key, InstantSource clock) {
        this.database = database;
        this.key = key;
        this.clock = clock;
        this.state = new State(Optional.empty(), 0, clock.instant(), "");
        database.notifications().subscribe(Audit.CHANNEL, new Notifications.Listener() {
            @Override
            public void received(String payload) {
                wake();
            }

            @Override
            public void missed() {
                wake();
            }
        });
        thread = Thread.ofPlatform().name("audit-sequencer").daemon().start(this::run);
    }

    State state() {
        return state;
    }

    /// Waits until everything that was committed before has its number.
    ///
    /// @return false if that took too long
    boolean catchUp(Duration atMost) throws InterruptedException {
        var left = atMost.toNanos();
        lock.lock();
        try {
            var wanted = begun + 1;
            isWoken = true;
            changed.signalAll();
            while (finished < wanted && left > 0) left = changed.awaitNanos(left);
            return finished >= wanted;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            isWoken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                var pass = next();
                var start = System.nanoTime();
                var isDone = drain();
                finish(pass, isDone);
                var gather = Math.clamp(3 * (System.nanoTime() - start), GATHER.toNanos(), GATHER_AT_MOST.toNanos());
                closing.await(isDone ? gather : AFTER_FAILURE.toNanos(), TimeUnit.NANOSECONDS);
            }
            drain();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private long next() throws InterruptedException {
        lock.lock();
        try {
            var left = LOOK_AGAIN.toNanos();
            while (!isWoken && left > 0) left = changed.awaitNanos(left);
            isWoken = false;
            return ++begun;
        } finally {
            lock.unlock();
        }
    }

    private void finish(long pass, boolean isDone) {
        lock.lock();
        try {
            if (isDone) finished = pass;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Batch after batch until no entry is left.
    ///
    /// @return false if that failed, or another node is at it
    private boolean drain() {
        try {
            while (true) {
                var grown = database.transaction(OrganizationPath.ROOT, this::batch);
                if (grown.isEmpty()) return false;
                state = grown.get();
                if (state.unnumbered() == 0) return true;
            }
        } catch (Rewritten e) {
            fail("the audit log in the database is not what was signed: " + e.getMessage());
        } catch (PlatformException e) {
            fail("the database does not answer"); // which has been logged there
        } catch (RuntimeException e) {
            if (state.fault().isEmpty()) LOG.error("event=audit_not_numbered", e);
            fail("entries cannot be numbered; see the server's log");
        }
        return false;
    }

    private void fail(String fault) {
        var was = state;
        if (!was.fault().equals(fault)) LOG.error("event=audit_stopped reason=\"{}\" size={}", fault, was.size());
        state = new State(was.checkpoint(), was.unnumbered(), was.since(), fault);
    }

    /// Empty if another node is at it.
    private Optional<State> batch(Handle handle) {
        if (!AuditStore.lock(handle)) return Optional.empty();
        var tree = new MerkleTree(new AuditTiles(handle));
        var last = AuditStore.checkpoint(handle).map(note -> verified(note, tree));
        var size = last.map(Checkpoint::size).orElse(0L);
        if (size < state.size()) throw new Rewritten("it had " + state.size() + " entries and has " + size);
        var rows = AuditStore.unnumbered(handle, Limits.AUDIT_BATCH);
        if (rows.isEmpty() && last.isPresent()) return Optional.of(new State(last, 0, state.since(), ""));
        var leaves = rows.stream().map(row -> Hash.leaf(row.body().getBytes(StandardCharsets.UTF_8))).toList();
        var grown = tree.append(size, leaves);
        AuditStore.number(handle, rows, size);
        var checkpoint = new Checkpoint(key.verifier().name(), grown, tree.root(grown));
        var now = clock.instant();
        own = new Own(checkpoint.sign(key).toString(), checkpoint);
        AuditStore.insertCheckpoint(handle, grown, own.note(), now);
        var left = rows.size() < Limits.AUDIT_BATCH ? 0 : AuditStore.countUnnumbered(handle);
        return Optional.of(new State(Optional.of(checkpoint), left, now, ""));
    }

    /// The last checkpoint, if it is ours, the tiles agree with it, and it continues what this process has signed.
    private Checkpoint verified(String note, MerkleTree tree) {
        try {
            var last = note.equals(own.note()) ? own.checkpoint()
                    : Checkpoint.open(SignedNote.parse(note.getBytes(StandardCharsets.UTF_8)), key.verifier());
            if (!tree.root(last.size()).equals(last.root())) throw new Rewritten("its tree has another root");
            var known = state.checkpoint();
            if (known.isPresent() && last.size() >= known.get().size()
                    && !tree.root(known.get().size()).equals(known.get().root())) {
                throw new Rewritten("it does not continue what this platform has signed");
            }
            return last;
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new Rewritten(e.getMessage());
        }
    }

    @Override
    public void close() {
        closing.countDown();
        wake();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
