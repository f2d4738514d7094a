package io.iotflow.server.device;

import com.fasterxml.jackson.core.JsonGenerator;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.device.ImportRoutes.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/// Says row by row what became of a file of devices, while it is taken. Does not close what it writes to.
sealed interface ImportReport {

    /// @param row counts from 1, without the header
    void add(int row, Outcome outcome) throws IOException;

    /// After the last row. A report without an end has broken off.
    void end() throws IOException;

    /// One object with all rows and how many there were of each kind.
    final class Json implements ImportReport {
        private final JsonGenerator json;
        private int created;
        private int existing;
        private int refused;

        Json(OutputStream out, boolean isTrial) throws IOException {
            json = io.iotflow.server.http.Json.mapper().createGenerator(out)
                    .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
            json.writeStartObject();
            json.writeBooleanField("dry_run", isTrial);
            json.writeArrayFieldStart("rows");
        }

        @Override
        public void add(int row, Outcome outcome) throws IOException {
            json.writeStartObject();
            json.writeNumberField("row", row);
            json.writeStringField("name", outcome.name());
            switch (outcome) {
                case Outcome.Created(_, var made) -> {
                    created++;
                    json.writeStringField("outcome", "created");
                    if (made != null) {
                        json.writeNumberField("id", made.device().id().value());
                        json.writeStringField("api_key", made.apiKey());
                    }
                }
                case Outcome.Exists(_, var device) -> {
                    existing++;
                    json.writeStringField("outcome", "exists");
                    if (device != null) json.writeNumberField("id", device.id().value());
                }
                case Outcome.Refused(_, var errors) -> {
                    refused++;
                    json.writeStringField("outcome", "refused");
                    json.writeObjectField("errors", errors);
                }
            }
            json.writeEndObject();
        }

        @Override
        public void end() throws IOException {
            json.writeEndArray();
            json.writeNumberField("created", created);
            json.writeNumberField("exists", existing);
            json.writeNumberField("refused", refused);
            json.writeEndObject();
            json.close();
        }
    }

    /// A line for each row.
    final class Csv implements ImportReport {
        private final OutputStream out;

        Csv(OutputStream out) throws IOException {
            this.out = out;
            write("row,name,outcome,id,api_key,detail\n");
        }

        @Override
        public void add(int row, Outcome outcome) throws IOException {
            write(row + "," + quoted(outcome.name()) + "," + switch (outcome) {
                case Outcome.Created(_, var made) when made != null ->
                        "created," + made.device().id() + "," + made.apiKey() + ",";
                case Outcome.Created _ -> "created,,,";
                case Outcome.Exists(_, var device) -> "exists," + (device == null ? "" : device.id()) + ",,";
                case Outcome.Refused(_, var errors) -> "refused,,," + quoted(errors.stream()
                        .map(Csv::text).collect(Collectors.joining("; ")));
            } + "\n");
        }

        private static String text(FieldError error) {
            return error.field() + " " + error.detail();
        }

        /// A refused name may be anything; an apostrophe stands before what a spreadsheet would take for a formula.
        private static String quoted(String text) {
            var safe = text.isEmpty() || "=+-@\t\r".indexOf(text.charAt(0)) < 0 ? text : "'" + text;
            return '"' + safe.replace("\"", "\"\"") + '"';
        }

        private void write(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void end() {
            // every line stands for itself
        }
    }
}
