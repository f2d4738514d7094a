package io.iotflow.bench.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The rows of one benchmark.
///
/// @param bench   its name
/// @param command how it was called
public record Report(String bench, String command, Instant date, String revision, Machine machine, List<Row> rows) {

    public Report {
        rows = List.copyOf(rows);
    }

    /// Figures downwards, rows across; `–` where a row has no such figure.
    public String table() {
        var seen = Arrays.stream(Figure.values())
                .filter(figure -> rows.stream().anyMatch(row -> row.figures().containsKey(figure))).toList();
        int first = seen.stream().mapToInt(figure -> figure.words().length()).max().orElse(0);
        var text = new StringBuilder(" ".repeat(first));
        for (var row : rows) text.append("  ").append(padded(row.label(), width(row, seen)));
        for (var figure : seen) {
            text.append('\n').append(padded(figure.words(), -first));
            for (var row : rows) text.append("  ").append(padded(cell(row, figure), width(row, seen)));
        }
        return text.append('\n').toString();
    }

    private static int width(Row row, List<Figure> seen) {
        int widest = seen.stream().mapToInt(figure -> cell(row, figure).length()).max().orElse(0);
        return Math.max(widest, row.label().length());
    }

    private static String cell(Row row, Figure figure) {
        var value = row.figures().get(figure);
        return value == null ? "–" : figure.format(value);
    }

    /// To the right of a positive width, to the left of a negative one.
    private static String padded(String text, int width) {
        var padding = " ".repeat(Math.max(0, Math.abs(width) - text.length()));
        return width < 0 ? text + padding : padding + text;
    }

    /// One JSON object a row, a line each.
    public String lines() {
        return rows.stream().map(this::line).collect(Collectors.joining());
    }

    private String line(Row row) {
        var out = new StringWriter();
        try (var json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("date", date.toString());
            json.writeStringField("revision", revision);
            json.writeStringField("bench", bench);
            json.writeStringField("row", row.label());
            json.writeStringField("command", command);
            writeMachine(json);
            json.writeObjectFieldStart("figures");
            for (var figure : row.figures().entrySet()) {
                json.writeNumberField(figure.getKey().key(), Math.round(figure.getValue() * 1000) / 1000.0);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("BUG: a string cannot fail", e);
        }
        return out.append('\n').toString();
    }

    private void writeMachine(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("machine");
        json.writeStringField("processor", machine.processor());
        json.writeNumberField("processors", machine.processors());
        json.writeNumberField("memory_mb", machine.memoryMb());
        json.writeStringField("system", machine.system());
        json.writeStringField("java", machine.java());
        json.writeEndObject();
    }

    public void appendTo(Path file) throws IOException {
        if (file.getParent() != null) Files.createDirectories(file.getParent());
        Files.writeString(file, lines(), StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
