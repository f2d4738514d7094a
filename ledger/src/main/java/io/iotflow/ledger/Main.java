package io.iotflow.ledger;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `java -jar iotflow-ledger.jar verify <export>`: verifies an export without our server. Ends with 0 if it is intact,
/// 1 if something does not fit, 2 if it was called wrongly, the file cannot be read, or the export cannot answer.
public final class Main {
    static final int INTACT = 0;
    static final int BROKEN = 1;
    static final int UNANSWERED = 2;

    private static final String USAGE = """
            usage: verify <export> [--key <verifier key>] [--since <file with an older checkpoint>]
              --key    the log's key, as you got it from elsewhere; without it the export's own is taken
              --since  the log must still begin with the one that you have kept a checkpoint of
            """;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /// The same, for another program's command line.
    ///
    /// @return how it ends
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        try {
            if (arguments.size() < 2 || arguments.size() % 2 == 1 || !arguments.getFirst().equals("verify")) {
                throw new IllegalArgumentException(USAGE);
            }
            var verifier = new Verifier();
            for (int i = 2; i < arguments.size(); i += 2) {
                var value = arguments.get(i + 1);
                verifier = switch (arguments.get(i)) {
                    case "--key" -> verifier.expecting(VerifierKey.parse(value));
                    case "--since" -> verifier.since(SignedNote.parse(Files.readAllBytes(Path.of(value))));
                    default -> throw new IllegalArgumentException(USAGE);
                };
            }
            return answer(verifier.verify(Path.of(arguments.get(1))), arguments.contains("--key"), out);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage().strip());
            return UNANSWERED;
        } catch (IOException e) {
            err.println("cannot read: " + e.getMessage());
            return UNANSWERED;
        }
    }

    private static int answer(Verdict verdict, boolean keyWasNamed, PrintStream out) {
        return switch (verdict) {
            case Verdict.Intact intact -> {
                var which = intact.span().map(span -> ", all from " + span.from() + " to before " + span.to())
                        .orElse(", a selection");
                out.println("INTACT: " + intact.entries() + " entries" + which);
                out.println("log:    " + intact.checkpoint().origin() + ", " + intact.checkpoint().size()
                        + " entries, root " + intact.checkpoint().root());
                out.println("key:    " + intact.key());
                if (!keyWasNamed) out.println("The key is the export's own. Compare it with one from elsewhere: --key");
                yield INTACT;
            }
            case Verdict.Broken(var first, var reason) -> {
                out.println("BROKEN: " + reason);
                out.println(first == Verdict.Broken.NOTHING ? "Nothing in the export is proven."
                        : "The first entry that is not proven is " + first + ".");
                yield BROKEN;
            }
            case Verdict.Undecided(var reason) -> {
                out.println("UNDECIDED: the entries are intact, but " + reason);
                yield UNANSWERED;
            }
        };
    }
}
