package io.iotflow.server.audit;

import io.iotflow.ledger.Checkpoint;
import io.iotflow.ledger.Export;
import io.iotflow.ledger.Hash;
import io.iotflow.ledger.LoggedEntry;
import io.iotflow.ledger.MerkleTree;
import io.iotflow.ledger.SignedNote;
import io.iotflow.ledger.SigningKey;
import io.iotflow.ledger.Span;
import io.iotflow.ledger.VerifierKey;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;

/// The log that can be verified: its entries in order, signed checkpoints, and proofs. For several threads; closing
/// ends the thread that lets it grow.
public final class AuditLog implements AutoCloseable {
    /// Entries fetched at a time while exporting; bounds the memory of an export.
    private static final int EXPORT_PAGE = 500;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Database database;
    private final VerifierKey key;
    private final AuditSequencer sequencer;
    private final InstantSource clock;

    /// One page, the newest entry first.
    ///
    /// @param next the cursor of the next page; empty on the last one
    record Page(List<AuditStore.Row> entries, OptionalLong next) {}

    /// That an entry is in the log of a checkpoint.
    record Proof(AuditStore.Row entry, Hash leaf, Checkpoint checkpoint, List<Hash> hashes, String note) {}

    private AuditLog(Database database, SigningKey key, InstantSource clock) {
        this.database = database;
        this.key = key.verifier();
        this.clock = clock;
        this.sequencer = new AuditSequencer(database, key, clock);
    }

    /// @param keyFile where the key is, or is made, unless the configuration has it
    public static AuditLog open(Database database, AuditConfig config, Path keyFile, InstantSource clock) {
        return new AuditLog(database, AuditKey.of(config, keyFile), clock);
    }

    VerifierKey key() {
        return key;
    }

    /// Entries in the tree.
    public long size() {
        return sequencer.state().size();
    }

    /// Entries that are recorded and not in the tree yet, as this node knows.
    public long unnumbered() {
        return sequencer.state().unnumbered();
    }

    public Duration checkpointAge() {
        return Duration.between(sequencer.state().since(), clock.instant());
    }

    /// Why the log does not grow; empty if it does.
    public String fault() {
        return sequencer.state().fault();
    }

    /// Waits until everything that was committed before is in the tree, as far as it gets there in time.
    public boolean catchUp(Duration atMost) throws InterruptedException {
        return sequencer.catchUp(atMost);
    }

    Page list(OrganizationPath scope, AuditQuery query) {
        var rows = database.transaction(scope, handle -> AuditStore.list(handle, query));
        var page = rows.subList(0, Math.min(rows.size(), query.limit()));
        return new Page(page, rows.size() > page.size() ? OptionalLong.of(page.getLast().id()) : OptionalLong.empty());
    }

    /// The newest, signed.
    ///
    /// @throws PlatformException `UNAVAILABLE` while there is none
    SignedNote checkpoint() {
        return note(database.transaction(OrganizationPath.ROOT, AuditStore::checkpoint));
    }

    private static SignedNote note(Optional<String> text) {
        return SignedNote.parse(text.orElseThrow(() -> notYet("There is no checkpoint yet."))
                .getBytes(StandardCharsets.UTF_8));
    }

    /// The proof that an entry is in the log of the newest checkpoint.
    ///
    /// @throws PlatformException `NOT_FOUND`; `UNAVAILABLE` if it is not in the tree yet
    Proof proof(OrganizationPath scope, long id) {
        var row = database.transaction(scope, handle -> AuditStore.find(handle, id))
                .orElseThrow(() -> PlatformException.notFound("entry " + id));
        var index = row.index().orElseThrow(() -> notYet("The entry is recorded, but not in the signed tree yet."));
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var note = note(AuditStore.checkpoint(handle));
            var checkpoint = Checkpoint.open(note, key);
            var hashes = new MerkleTree(new AuditTiles(handle)).inclusionProof(index, checkpoint.size());
            return new Proof(row, Hash.leaf(bytes(row)), checkpoint, hashes, note.toString());
        });
    }

    /// The proof that the log of one size begins with that of a smaller one.
    List<Hash> consistency(long from, long to) {
        return database.transaction(OrganizationPath.ROOT,
                handle -> new MerkleTree(new AuditTiles(handle)).consistencyProof(from, to));
    }

    /// Writes an export: for the root organization all entries from one to before another, for others those of them
    /// that they may see.
    void export(OrganizationPath scope, SignedNote checkpoint, Span span, OptionalLong since, OutputStream out)
            throws IOException {
        var plain = new Export(new MerkleTree(AuditTiles.readOneByOne(database)), checkpoint, key);
        var export = since.isPresent() ? plain.since(since.getAsLong()) : plain;
        var entries = new Entries(scope, span);
        if (scope.equals(OrganizationPath.ROOT)) export.all(span, entries, out);
        else export.selection(entries, out);
    }

    private static byte[] bytes(AuditStore.Row row) {
        return row.body().getBytes(StandardCharsets.UTF_8);
    }

    private static PlatformException notYet(String what) {
        return PlatformException.retryLater(ErrorCode.UNAVAILABLE, what, RETRY_AFTER);
    }

    @Override
    public void close() {
        sequencer.close();
    }

    /// Entries in the order of their index, page by page.
    private final class Entries implements Iterator<LoggedEntry> {
        private final OrganizationPath scope;
        private final long to;
        private long from;
        private Iterator<AuditStore.Row> page = List.<AuditStore.Row>of().iterator();
        private boolean isLast;

        Entries(OrganizationPath scope, Span span) {
            this.scope = scope;
            this.from = span.from();
            this.to = span.to();
        }

        @Override
        public boolean hasNext() {
            if (page.hasNext()) return true;
            if (isLast) return false;
            var rows = database.transaction(scope, handle -> AuditStore.numbered(handle, from, to, EXPORT_PAGE));
            isLast = rows.size() < EXPORT_PAGE;
            if (!rows.isEmpty()) from = rows.getLast().index().orElseThrow() + 1;
            page = rows.iterator();
            return page.hasNext();
        }

        @Override
        public LoggedEntry next() {
            if (!hasNext()) throw new NoSuchElementException();
            var row = page.next();
            return new LoggedEntry(row.index().orElseThrow(), bytes(row));
        }
    }
}
