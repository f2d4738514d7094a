package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    private final TestLog log = TestLog.of(300);

    @TempDir
    private Path folder;
    private String export;

    @BeforeEach
    void write() throws IOException {
        export = file("export", log.all());
    }

    private String file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes).toString();
    }

    private static String check(int status, String... arguments) {
        var out = new ByteArrayOutputStream();
        try (var print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            assertThat(Main.run(List.of(arguments), print, print)).as(out::toString).isEqualTo(status);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void anIntactExportEndsWithZero() throws IOException {
        assertThat(check(0, "verify", export)).startsWith("INTACT: 300 entries, all from 0 to before 300\n")
                .contains("iotflow.example/audit, 300 entries, root " + log.tree.root(300)).contains("--key");
        var key = log.key.verifier().toString();
        assertThat(check(0, "verify", export, "--key", key)).doesNotContain("--key");
        assertThat(check(0, "verify", file("some", log.selection(5)), "--key", key)).contains("1 entries, a selection");
        var older = file("older", log.checkpoint(100).bytes());
        check(0, "verify", export, "--since", older, "--key", key);
    }

    @Test
    void aBrokenExportEndsWithOne() throws IOException {
        var lines = TestLog.lines(log.all());
        lines.remove(7);
        assertThat(check(1, "verify", file("broken", TestLog.file(lines)))).startsWith("BROKEN: line 8: is not entry 5")
                .endsWith("The first entry that is not proven is 5.\n");
        var other = SigningKey.generate(TestLog.ORIGIN).verifier().toString();
        assertThat(check(1, "verify", export, "--key", other)).endsWith("Nothing in the export is proven.\n");
        var fork = new TestLog(log.key, 50);
        fork.append(100, "forged");
        assertThat(check(1, "verify", export, "--since", file("forked", fork.checkpoint(100).bytes())))
                .contains("the log was rewritten");
    }

    @Test
    void whatCannotBeAnsweredEndsWithTwo() throws IOException {
        for (var arguments : List.of(List.<String>of(), List.of("verify"), List.of("check", export),
                List.of("verify", export, "--key"), List.of("verify", export, "--what", "x"))) {
            assertThat(check(2, arguments.toArray(String[]::new))).startsWith("usage: ");
        }
        assertThat(check(2, "verify", folder.resolve("absent").toString())).startsWith("cannot read: ");
        assertThat(check(2, "verify", export, "--key", "x")).contains("is not a verifier key");
        assertThat(check(2, "verify", export, "--since", export)).contains("note");
        var part = file("part", log.range(200, 300));
        assertThat(check(2, "verify", part, "--since", file("older", log.checkpoint(100).bytes())))
                .startsWith("UNDECIDED: ");
    }
}
