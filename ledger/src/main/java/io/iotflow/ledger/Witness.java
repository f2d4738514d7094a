package io.iotflow.ledger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Remembers the last checkpoint of each log and holds the log to it: whoever could show one history to us and another
/// to others, or take back what was logged, would have to get past the witness. Never goes back.
///
/// Keeps one folder for each log: `checkpoint`, replaced as a whole, and a folder of evidence for each time the log did
/// not continue what it had shown. One process for a folder; for several threads.
public final class Witness {
    private static final String KEPT = "checkpoint";
    private static final String EVIDENCE = "rewritten-";

    private final Path folder;
    private final Map<String, VerifierKey> logs;

    /// @param folder where it keeps what it remembers
    /// @param logs   the keys of the logs that it knows, one for each origin
    /// @throws IllegalArgumentException if there are two keys for one origin
    public Witness(Path folder, List<VerifierKey> logs) {
        this.folder = folder;
        this.logs = logs.stream().collect(Collectors.toUnmodifiableMap(VerifierKey::name, Function.identity(),
                (one, _) -> {
                    throw new IllegalArgumentException("two keys for the log " + one.name());
                }));
    }

    /// The last checkpoint of a log. A proof has to lead from its size to that of the next.
    ///
    /// @throws IOException if it cannot be read, or is damaged: the witness does not begin anew by itself
    public Optional<Checkpoint> last(String origin) throws IOException {
        var note = kept(origin);
        return note.isEmpty() ? Optional.empty() : Optional.of(open(note.get(), logs.get(origin)));
    }

    private static Checkpoint open(SignedNote note, VerifierKey key) throws IOException {
        try {
            return Checkpoint.open(note, key);
        } catch (IllegalArgumentException e) {
            throw new IOException("the checkpoint that was kept is damaged: " + e.getMessage(), e);
        }
    }

    private Optional<SignedNote> kept(String origin) throws IOException {
        var file = home(origin).resolve(KEPT);
        if (!logs.containsKey(origin) || !Files.exists(file)) return Optional.empty();
        try {
            return Optional.of(SignedNote.parse(Files.readAllBytes(file)));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /// Judges what a log shows now.
    ///
    /// @param checkpoint a signed checkpoint, as the log gave it
    /// @param proof      the consistency proof from the checkpoint that is remembered; empty if there is none
    /// @throws IOException if the answer cannot be kept; then nothing has changed
    public synchronized Judgement judge(byte[] checkpoint, List<Hash> proof) throws IOException {
        try {
            var offered = SignedNote.parse(checkpoint);
            var origin = Checkpoint.parse(offered.text()).origin();
            var key = logs.get(origin);
            if (key == null) return new Judgement.Invalid("the log " + origin + " is not known here");
            return judge(kept(origin), offered, Checkpoint.open(offered, key), proof);
        } catch (IllegalArgumentException e) {
            return new Judgement.Invalid(e.getMessage());
        }
    }

    private Judgement judge(Optional<SignedNote> kept, SignedNote offered, Checkpoint now, List<Hash> proof)
            throws IOException {
        if (kept.isEmpty()) {
            return Proofs.verifyConsistency(0, Hash.EMPTY, now.size(), now.root(), proof) ? advanced(offered, now)
                    : new Judgement.Invalid("the first checkpoint needs no proof, and an empty log has an empty root");
        }
        var last = open(kept.get(), logs.get(now.origin()));
        if (now.size() < last.size()) {
            return rewritten(kept.get(), offered, now, "it had " + last.size() + " entries and shows " + now.size());
        }
        if (now.size() == last.size()) {
            return now.root().equals(last.root()) ? new Judgement.Unchanged(last)
                    : rewritten(kept.get(), offered, now, "it shows two roots for " + now.size() + " entries");
        }
        return Proofs.verifyConsistency(last.size(), last.root(), now.size(), now.root(), proof)
                ? advanced(offered, now) : rewritten(kept.get(), offered, now, "the proof does not lead from "
                        + last.size() + " to " + now.size() + " entries");
    }

    private Judgement advanced(SignedNote note, Checkpoint now) throws IOException {
        DurableFiles.replace(home(now.origin()).resolve(KEPT), note.bytes());
        return new Judgement.Advanced(now);
    }

    private Judgement rewritten(SignedNote kept, SignedNote offered, Checkpoint now, String reason)
            throws IOException {
        var home = home(now.origin());
        var evidence = home.resolve(EVIDENCE + shortHash(kept.text() + offered.text()));
        if (hasRoomFor(evidence)) {
            DurableFiles.replace(evidence.resolve("kept"), kept.bytes());
            DurableFiles.replace(evidence.resolve("offered"), offered.bytes());
        }
        return new Judgement.Rewritten("the log " + now.origin() + " does not continue: " + reason,
                Files.exists(evidence) ? evidence : home);
    }

    private static boolean hasRoomFor(Path evidence) throws IOException {
        try (var files = Files.list(evidence.getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith(EVIDENCE)).filter(file ->
                    !file.equals(evidence)).count() < LedgerLimits.WITNESS_EVIDENCE;
        }
    }

    /// An origin may hold what a file's name may not.
    private Path home(String origin) {
        return folder.resolve(shortHash(origin));
    }

    private static String shortHash(String text) {
        var hash = Hash.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(Arrays.copyOf(hash, 8));
    }
}
