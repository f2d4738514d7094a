package io.iotflow.server.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Sealed;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// Writes rows in one of the forms that requests may ask for.
sealed interface RowWriter {

    /// How rows are written.
    enum Format { JSON, CSV, NDJSON }

    void write(RawRows.Row row) throws IOException;

    /// Puts a value under a name; null becomes null.
    static void put(ObjectNode into, String name, Value value) {
        switch (value) {
            case null -> into.putNull(name);
            case Real(var number) -> into.put(name, number);
            case Whole(var number) -> into.put(name, number);
            case Flag(var on) -> into.put(name, on);
            case Text(var text) -> into.put(name, text);
            case Sealed _ -> throw notOpened();
        }
    }

    private static IllegalStateException notOpened() {
        return new IllegalStateException("BUG: an answer with a value as it is kept");
    }

    static ObjectNode json(RawRows.Row row) {
        var node = Json.mapper().createObjectNode();
        node.put("timestamp", TimeSpan.instant(row.timeMicros()).toString());
        row.values().forEach((metric, value) -> put(node, metric, value));
        return node;
    }

    /// One JSON object a line.
    final class Lines implements RowWriter {
        static final String TYPE = "application/x-ndjson";
        private final OutputStream out;
        private final JsonGenerator generator;

        Lines(OutputStream out) throws IOException {
            this.out = out;
            this.generator = Json.mapper().getFactory().createGenerator(out).setRootValueSeparator(null);
            generator.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        }

        @Override
        public void write(RawRows.Row row) throws IOException {
            Json.mapper().writeTree(generator, json(row));
            generator.flush();
            out.write('\n');
        }
    }

    /// RFC 4180: a header, then one line a row; a metric without a value at that time is empty.
    final class Csv implements RowWriter {
        static final String TYPE = "text/csv; charset=utf-8";
        private final OutputStream out;
        private final List<String> metrics;
        private final StringBuilder line = new StringBuilder();

        Csv(OutputStream out, List<String> metrics) throws IOException {
            this.out = out;
            this.metrics = metrics;
            line.append("timestamp");
            for (var metric : metrics) quoted(line.append(','), metric);
            end();
        }

        @Override
        public void write(RawRows.Row row) throws IOException {
            line.append(TimeSpan.instant(row.timeMicros()));
            for (var metric : metrics) {
                line.append(',');
                switch (row.values().get(metric)) {
                    case null -> { }
                    case Real(var number) -> line.append(number);
                    case Whole(var number) -> line.append(number);
                    case Flag(var on) -> line.append(on);
                    case Text(var text) -> quoted(line, text);
                    case Sealed _ -> throw notOpened();
                }
            }
            end();
        }

        private void end() throws IOException {
            out.write(line.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            line.setLength(0);
        }

        /// An empty text is quoted so that it is not taken for no text.
        private static void quoted(StringBuilder to, String text) {
            if (!text.isEmpty() && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')) {
                to.append(text);
                return;
            }
            to.append('"').append(text.replace("\"", "\"\"")).append('"');
        }
    }

    /// A file name of letters, digits, dots, dashes and underscores.
    static String fileName(String device, Format format) {
        return device.replaceAll("[^A-Za-z0-9._-]", "_") + "." + format.name().toLowerCase(Locale.ROOT);
    }
}
