package io.iotflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.ledger.Checkpoint;
import io.iotflow.ledger.Hash;
import io.iotflow.ledger.Judgement;
import io.iotflow.ledger.SignedNote;
import io.iotflow.ledger.VerifierKey;
import io.iotflow.ledger.Witness;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `./iotflow witness`: keeps the last checkpoint of a platform's audit log where that platform cannot reach it, and
/// takes the next one only with a proof that the log has merely grown.
///
/// Runs on the command's thread.
@Command(name = "witness", description = "Watches a platform's audit log, and shouts when it has been rewritten.",
        mixinStandardHelpOptions = true,
        footer = "Ends with 1 if the log was rewritten or shows what its key has not signed, 2 if it cannot be asked.")
final class WitnessCommand implements Callable<Integer> {
    static final int REWRITTEN = 1;
    static final int UNANSWERED = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Parameters(paramLabel = "URL", description = "The platform, such as https://iot.example.org.")
    URI url;

    @Option(names = "--folder", paramLabel = "FOLDER", defaultValue = "witness",
            description = "What the witness remembers; one folder for each log (default: ${DEFAULT-VALUE}).")
    Path folder;

    @Option(names = "--key", paramLabel = "KEY", description = "The log's key, as you got it from elsewhere; without it"
            + " the one that the log shows first is kept in the folder and taken from then on.")
    String key;

    @Option(names = "--token", paramLabel = "TOKEN", defaultValue = "${env:IOTFLOW_TOKEN}",
            description = "A token that may audit:read (default: the environment's IOTFLOW_TOKEN).")
    String token;

    @Option(names = "--once", description = "Looks once instead of again and again.")
    boolean isOnce;

    @Option(names = "--every", paramLabel = "SECONDS", defaultValue = "60",
            description = "Seconds between looks (default: ${DEFAULT-VALUE}).")
    int everySeconds;

    @Spec
    CommandSpec spec;

    private final CountDownLatch stop = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    @Override
    public Integer call() throws InterruptedException {
        try (client) {
            while (true) {
                var ends = look();
                if (isOnce || ends == REWRITTEN) return ends;
                stop.await(Math.max(1, everySeconds), TimeUnit.SECONDS);
            }
        }
    }

    private int look() throws InterruptedException {
        try {
            return say(judge());
        } catch (IOException | IllegalArgumentException e) {
            err().println("witness: the log cannot be judged: " + e.getMessage());
            return UNANSWERED;
        }
    }

    private Judgement judge() throws IOException, InterruptedException {
        var known = key();
        var witness = new Witness(folder, List.of(known));
        var last = witness.last(known.name());
        var note = get("checkpoint");
        var before = last.map(Checkpoint::size).orElse(0L);
        return witness.judge(note, before == 0 ? List.of() : proof(before, note, known));
    }

    /// From the size that is remembered; none if the log shows no larger one, or something that is not its own.
    private List<Hash> proof(long before, byte[] note, VerifierKey known) throws IOException, InterruptedException {
        long now;
        try {
            now = Checkpoint.open(SignedNote.parse(note), known).size();
        } catch (IllegalArgumentException _) {
            return List.of(); // the witness says what is wrong with it
        }
        if (now <= before) return List.of();
        JsonNode answer = Json.mapper().readTree(get("consistency?from=" + before + "&to=" + now));
        return StreamSupport.stream(answer.path("proof").spliterator(), false)
                .map(hash -> Hash.parse(hash.asText())).toList();
    }

    private VerifierKey key() throws IOException, InterruptedException {
        if (key != null) return VerifierKey.parse(key);
        var file = folder.resolve("key");
        if (!Files.exists(file)) {
            var first = VerifierKey.parse(new String(get("key"), StandardCharsets.UTF_8).strip());
            Files.createDirectories(folder);
            Files.writeString(file, first + "\n");
            out().println("witness: takes the key that the log shows: " + first);
        }
        return VerifierKey.parse(Files.readString(file).strip());
    }

    private int say(Judgement judgement) {
        return switch (judgement) {
            case Judgement.Advanced(var checkpoint) -> {
                out().println("witness: " + checkpoint.size() + " entries, root " + checkpoint.root());
                yield 0;
            }
            case Judgement.Unchanged(var checkpoint) -> {
                out().println("witness: unchanged, " + checkpoint.size() + " entries");
                yield 0;
            }
            case Judgement.Rewritten(var reason, var evidence) -> {
                err().println("REWRITTEN: " + reason + "\nBoth signed checkpoints are kept in " + evidence);
                yield REWRITTEN;
            }
            case Judgement.Invalid(var reason) -> {
                err().println("REWRITTEN: what it shows is not signed by the key that is known: " + reason);
                yield REWRITTEN;
            }
        };
    }

    private byte[] get(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url.toString().replaceAll("/+$", "") + "/api/v1/audit/" + path))
                .timeout(PATIENCE);
        if (token != null) request.header("Authorization", "Bearer " + token);
        var answer = client.send(request.build(), BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) throw new IOException(path + " is answered " + answer.statusCode());
        return answer.body();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
