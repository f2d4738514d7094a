package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `docs/concepts/audit.md` shows is true.
class AuditPageTest {
    private static final Path PAGES = Path.of("..", "docs", "concepts");
    private static final Path EXAMPLE = PAGES.resolve("audit-example.jsonl");

    @Test
    void theExampleIsIntactAndItsEntriesAreEntries() throws IOException {
        assertThat(new Verifier().verify(EXAMPLE)).isInstanceOfSatisfying(Verdict.Intact.class,
                intact -> assertThat(intact.span()).contains(new Span(0, 3)));
        var lines = Files.readAllLines(EXAMPLE);
        for (var line : lines.subList(2, 5)) {
            assertThat(Entry.parse(line.getBytes(StandardCharsets.UTF_8)).organization()).isEqualTo(1);
        }
    }

    @Test
    void thePageShowsTheExample() throws IOException {
        var page = Files.readString(PAGES.resolve("audit.md"));
        var header = (ExportLine.Header) ExportLine.parse(Files.readAllLines(EXAMPLE).getFirst().getBytes());
        assertThat(page).contains(header.checkpoint().text().lines().toList().get(2))
                .contains(header.key().toString().substring(0, 35))
                .contains(header.checkpoint().signatures().getFirst().base64().substring(0, 27));
    }

    @Test
    void whatIsDoneByHandComesToTheSame(@TempDir Path folder) throws Exception {
        var tools = Stream.of("sh", "jq", "xxd", "openssl", "sha256sum", "base64");
        assumeTrue(tools.allMatch(AuditPageTest::isInstalled), "needs sh, jq, xxd, openssl, sha256sum and base64");
        var page = Files.readString(PAGES.resolve("audit.md"));
        var script = page.substring(page.indexOf("```sh\n") + 6, page.indexOf("```", page.indexOf("```sh\n") + 6));
        Files.copy(EXAMPLE, folder.resolve(EXAMPLE.getFileName()));
        var shell = new ProcessBuilder("sh", "-e", "-c", script).directory(folder.toFile()).redirectErrorStream(true)
                .start();
        var output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertThat(shell.waitFor()).as(output::toString).isZero();
        assertThat(output).hasSize(4);
        assertThat(Files.readAllLines(EXAMPLE).get(1)).contains(output.get(0).substring(0, 64));
        assertThat(output.get(1)).hasSize(64).isEqualTo(output.get(2));
        assertThat(output.get(3)).isEqualTo("Signature Verified Successfully");
    }

    private static boolean isInstalled(String tool) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }
}
