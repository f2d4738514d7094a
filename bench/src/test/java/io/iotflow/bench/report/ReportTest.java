package io.iotflow.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Report REPORT = new Report("ingest", "bench ingest", Instant.EPOCH, "abc",
            new Machine("a \"fast\" one", 2, 8_000, "Linux 6", "25"), List.of(
            new Row("one").with(Figure.MESSAGES_PER_SECOND, 1_234_567.8).with(Figure.ACK_P50_MS, 0.1234),
            new Row("another").with(Figure.MESSAGES_PER_SECOND, 2).with(Figure.ACK_P50_MS, Double.NaN)));

    @Test
    void tablePutsRowsSideBySide() {
        assertThat(REPORT.table()).isEqualTo("""
                                   one  another
                messages/s   1,234,568        2
                ack p50, ms       0.12        –
                """);
    }

    @Test
    void eachRowIsALineOfJson() {
        assertThat(REPORT.lines().lines()).hasSize(2).first().isEqualTo("{\"date\":\"1970-01-01T00:00:00Z\","
                + "\"revision\":\"abc\",\"bench\":\"ingest\",\"row\":\"one\",\"command\":\"bench ingest\","
                + "\"machine\":{\"processor\":\"a \\\"fast\\\" one\",\"processors\":2,\"memory_mb\":8000,"
                + "\"system\":\"Linux 6\",\"java\":\"25\"},"
                + "\"figures\":{\"messages_per_second\":1234567.8,\"ack_p50_ms\":0.123}}");
    }

    @Test
    void resultsAreAppended(@TempDir Path folder) throws Exception {
        var file = folder.resolve("new/results.jsonl");
        REPORT.appendTo(file);
        REPORT.appendTo(file);
        assertThat(file).hasContent(REPORT.lines() + REPORT.lines());
    }

    @Test
    void thisMachineIsKnown() {
        assertThat(Machine.here().processors()).isPositive();
        assertThat(Machine.here().memoryMb()).isPositive();
        assertThat(Machine.revision()).isNotBlank();
    }

    @Test
    void everyFigureIsExplained() throws Exception {
        var page = Files.readString(Path.of("../docs/reference/benchmarks.md"));
        assertThat(Arrays.stream(Figure.values()).filter(figure -> !page.contains("| `" + figure.key() + "` |")))
                .as("explain these figures in docs/reference/benchmarks.md").isEmpty();
    }
}
