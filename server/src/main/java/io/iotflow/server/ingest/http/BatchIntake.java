package io.iotflow.server.ingest.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.InboundMessage.Via;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.IngestOutcome.Accepted;
import io.iotflow.server.ingest.IngestOutcome.Overloaded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Many records in one request: a JSON array, a JSON object a line, or CSV. Each is judged by itself.
final class BatchIntake {
    private static final String JSON_ARRAY = "application/json";
    private static final String NDJSON = "application/x-ndjson";
    private static final String CSV = "text/csv";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final JsonFactory JSON = new JsonFactory();
    private static final ObjectReader ROWS = new CsvMapper().enable(CsvParser.Feature.TRIM_SPACES)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .readerFor(Map.class).with(CsvSchema.emptySchema().withHeader());

    private final Ingest ingest;
    private final DeviceRegistry devices;
    private final int recordsAtMost;

    BatchIntake(Ingest ingest, DeviceRegistry devices, int recordsAtMost) {
        this.ingest = ingest;
        this.devices = devices;
        this.recordsAtMost = recordsAtMost;
    }

    Reply accept(Request request) throws InterruptedException {
        var type = request.requireContentType(JSON_ARRAY, NDJSON, CSV);
        var batch = new Batch(request.caller());
        var body = request.body();
        try {
            switch (type) {
                case NDJSON -> batch.lines(body);
                case CSV -> batch.rows(body);
                default -> batch.array(body);
            }
        } catch (JsonProcessingException e) {
            throw PlatformException.malformed(batch.brokenOff() + e.getOriginalMessage());
        } catch (IOException e) {
            throw PlatformException.malformed(batch.brokenOff() + "it is no text in UTF-8");
        }
        return batch.reply();
    }

    /// One request's records while they are taken.
    private final class Batch {
        private final Caller caller;
        private final Map<String, Device> known = new HashMap<>();
        private final List<Map<String, Object>> errors = new ArrayList<>();
        private final long deadline = System.nanoTime() + PATIENCE.toNanos();
        private Accepted last;
        private PlatformException overload;
        private int accepted;
        private int index;

        Batch(Caller caller) {
            this.caller = caller;
        }

        void array(byte[] body) throws IOException, InterruptedException {
            try (var parser = JSON.createParser(body)) {
                if (parser.nextToken() != JsonToken.START_ARRAY) {
                    throw PlatformException.malformed("Send an array of records, or x-ndjson with one in each line.");
                }
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    var start = (int) parser.currentTokenLocation().getByteOffset();
                    parser.skipChildren();
                    record(body, start, (int) parser.currentLocation().getByteOffset() - start);
                }
            }
        }

        void lines(byte[] body) throws InterruptedException {
            for (int start = 0; start < body.length; ) {
                var end = start;
                while (end < body.length && body[end] != '\n') end++;
                if (!isBlank(body, start, end)) record(body, start, end - start);
                start = end + 1;
            }
        }

        void rows(byte[] body) throws IOException, InterruptedException {
            try (MappingIterator<Map<String, String>> rows = ROWS.readValues(body)) {
                while (rows.hasNextValue()) {
                    var json = asJson(rows.nextValue());
                    record(json, 0, json.length);
                }
            }
        }

        private void record(byte[] bytes, int offset, int length) throws InterruptedException {
            if (index >= recordsAtMost) {
                throw new PlatformException(ErrorCode.TOO_LARGE, "A batch may have " + recordsAtMost + " records; the "
                        + accepted + " taken before this one are kept. Send the rest in further batches.");
            }
            try {
                var device = device(bytes, offset, length);
                last = offer(new InboundMessage(Via.HTTP, device.id(), device.organization(), Kind.TELEMETRY, "", bytes,
                        offset, length));
                accepted++;
            } catch (PlatformException refused) {
                if (refused.code() == ErrorCode.OVERLOADED) overload = refused;
                errors.add(Map.of("index", index, "code", refused.code().code(), "detail", refused.getMessage()));
            }
            index++;
        }

        /// Waits a while for room, since the request's thread has nothing else to do; once for the whole batch.
        private Accepted offer(InboundMessage message) throws InterruptedException {
            var outcome = ingest.acceptRecord(message);
            while (outcome instanceof Overloaded && deadline - System.nanoTime() > 0) {
                ingest.awaitRoom();
                outcome = ingest.acceptRecord(message);
            }
            return IngestRoutes.acceptedOrRefused(outcome);
        }

        private Device device(byte[] bytes, int offset, int length) {
            var name = named(bytes, offset, length);
            if (name == null && caller instanceof Caller.Device(var id, _, _, _, _)) name = id.toString();
            if (name == null) throw PlatformException.invalid("device", "is missing: say whose record it is");
            return known.computeIfAbsent(name, this::allowed);
        }

        private Device allowed(String name) {
            var device = devices.require(caller, name);
            IngestRoutes.requireMayPublish(device);
            return device;
        }

        /// The record's `device`; null if it names none.
        private static String named(byte[] bytes, int offset, int length) {
            try (var parser = JSON.createParser(bytes, offset, length)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw PlatformException.malformed("A record is a JSON object.");
                }
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    var field = parser.currentName();
                    var isDevice = field.equals("device") || field.equals("device_id");
                    var value = parser.nextToken();
                    if (isDevice && value.isScalarValue()) return parser.getText();
                    parser.skipChildren();
                }
                return null;
            } catch (IOException e) {
                throw PlatformException.malformed("The record is no JSON object.");
            }
        }

        /// Why the rest of a broken batch was not looked at, and what became of the part before.
        String brokenOff() throws InterruptedException {
            if (last != null) ingest.awaitDurable(last);
            return "The batch cannot be read at record " + index + "; the " + accepted
                    + " taken before it are kept: ";
        }

        Reply reply() throws InterruptedException {
            if (index == 0) throw PlatformException.invalid("records", "are missing: the batch is empty");
            if (accepted == 0 && overload != null) throw overload;
            if (last != null) ingest.awaitDurable(last);
            var message = errors.isEmpty() ? "Telemetry stored" : accepted == 0
                    ? "No record was accepted" : "Some records were not accepted";
            var body = Map.of("message", message, "accepted", accepted, "rejected", errors.size(), "errors", errors);
            return Reply.json(errors.isEmpty() ? 201 : 207, body);
        }
    }

    private static boolean isBlank(byte[] body, int start, int end) {
        for (int i = start; i < end; i++) if (body[i] > ' ' || body[i] < 0) return false;
        return true;
    }

    /// A row as a JSON object: what looks like a number or a boolean becomes one, an empty field is left out.
    private static byte[] asJson(Map<String, String> row) throws IOException {
        var bytes = new ByteArrayOutputStream(128);
        try (var json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            for (var field : row.entrySet()) {
                var text = field.getValue();
                if (text == null || text.isEmpty()) continue;
                json.writeFieldName(field.getKey());
                if (field.getKey().equals("device")) json.writeString(text);
                else if (text.equals("true") || text.equals("false")) json.writeBoolean(text.equals("true"));
                else if (text.matches("-?(0|[1-9]\\d{0,30})(\\.\\d{1,30})?([eE][+-]?\\d{1,3})?"))
                        json.writeNumber(text);
                else json.writeString(text);
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
