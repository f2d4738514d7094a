package io.iotflow.server.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Takes a file of devices, a row each. Rows are judged by themselves, and what was made stays, so that the same file
/// can be sent again when it broke off: only what is missing is made then.
public final class ImportRoutes implements Routes {
    private static final String CSV = "text/csv";
    private static final String METADATA = "metadata.";
    private static final Set<String> COLUMNS = Set.of("name", "device_type", "description", "location",
            "firmware_version", "hardware_version");
    /// Rows of one transaction, whose outcome is answered when it is kept.
    private static final int ROWS_AT_ONCE = 200;
    private static final ObjectReader ROWS = new CsvMapper().enable(CsvParser.Feature.TRIM_SPACES)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .readerFor(Map.class).with(CsvSchema.emptySchema().withHeader());

    private final DeviceRegistry registry;

    public ImportRoutes(DeviceRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void declare(RouteTable table) {
        table.post("devices/import", Access.with(Permission.DEVICES_WRITE), this::take)
                .bodyLimit(Limits.IMPORT_BYTES).repeatable().rateLimit("20/1m");
    }

    private Reply take(Request request) {
        request.requireContentType(CSV);
        var isTrial = request.query().flag("dry_run");
        var file = request.body();
        check(file);
        var asCsv = request.header("Accept").orElse("").contains(CSV);
        return Reply.stream(asCsv ? CSV : "application/json", out -> {
            var report = asCsv ? new ImportReport.Csv(out) : new ImportReport.Json(out, isTrial);
            take(request, file, isTrial, report);
            report.end();
        });
    }

    /// Looks through the whole file before anything is made of it.
    private static void check(byte[] file) {
        try (MappingIterator<Map<String, String>> rows = ROWS.readValues(file)) {
            var count = 0;
            while (rows.hasNextValue()) {
                if (count == 0) checkColumns(((CsvSchema) rows.getParser().getSchema()).getColumnNames());
                rows.nextValue();
                if (++count > Limits.IMPORT_ROWS) {
                    throw new PlatformException(ErrorCode.TOO_LARGE, "A file may have " + Limits.IMPORT_ROWS
                            + " devices; nothing of it was taken.");
                }
            }
            if (count == 0) throw PlatformException.invalid("rows", "are missing: the file has no device");
        } catch (JsonProcessingException e) {
            var line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw PlatformException.malformed("Nothing was taken, for the file is not CSV at line " + line + ": "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw PlatformException.malformed("Nothing was taken, for the file is no text in UTF-8.");
        }
    }

    private static void checkColumns(List<String> columns) {
        var errors = new ArrayList<FieldError>();
        for (var needed : List.of("name", "device_type")) {
            if (!columns.contains(needed)) errors.add(new FieldError(needed, "is a column that the file must have"));
        }
        for (var column : columns) {
            if (columns.indexOf(column) != columns.lastIndexOf(column)) {
                errors.add(new FieldError(column, "stands twice in the header"));
            }
            var isMetadata = column.startsWith(METADATA) && column.length() > METADATA.length();
            if (!COLUMNS.contains(column) && !isMetadata) {
                errors.add(new FieldError(column, "is no column of this call; it has name, device_type, description,"
                        + " location, firmware_version, hardware_version and metadata.*"));
            }
        }
        Profile.refuseAny(errors);
    }

    private void take(Request request, byte[] file, boolean isTrial, ImportReport report) throws IOException {
        var seen = new HashSet<String>();
        var number = 0;
        try (MappingIterator<Map<String, String>> rows = ROWS.readValues(file)) {
            while (rows.hasNextValue()) {
                var batch = new ArrayList<ObjectNode>(ROWS_AT_ONCE);
                while (rows.hasNextValue() && batch.size() < ROWS_AT_ONCE) batch.add(json(rows.nextValue()));
                for (var outcome : outcomes(request, batch, isTrial, seen)) report.add(++number, outcome);
            }
        }
    }

    /// What became of one row, or would.
    sealed interface Outcome {
        String name();

        /// @param made null if it only would be
        record Created(String name, DeviceRegistry.Registered made) implements Outcome {}

        /// @param device null if the name stands in an earlier row of a trial
        record Exists(String name, Device device) implements Outcome {}

        record Refused(String name, List<FieldError> errors) implements Outcome {}
    }

    private List<Outcome> outcomes(Request request, List<ObjectNode> rows, boolean isTrial, Set<String> seen) {
        var outcomes = new Outcome[rows.size()];
        var drafts = new HashMap<Integer, Draft>();
        for (var at = 0; at < outcomes.length; at++) {
            try {
                var wish = DeviceBody.registration(rows.get(at));
                drafts.put(at, new Draft(wish.name(), DeviceStatus.ACTIVE, wish.profile()));
            } catch (PlatformException refused) {
                outcomes[at] = new Outcome.Refused(rows.get(at).path("name").asText(), refused.errors());
            }
        }
        var order = drafts.keySet().stream().sorted().toList();
        var entries = registry.enter(request.actor(), order.stream().map(drafts::get).toList(), isTrial);
        for (var n = 0; n < order.size(); n++) {
            var name = drafts.get(order.get(n)).name();
            outcomes[order.get(n)] = switch (entries.get(n)) {
                case DeviceRegistry.Entry.Known(var device) -> new Outcome.Exists(name, device);
                case DeviceRegistry.Entry.New(var made) when !isTrial -> new Outcome.Created(name, made);
                case DeviceRegistry.Entry.New _ -> seen.add(name)
                        ? new Outcome.Created(name, null) : new Outcome.Exists(name, null);
            };
        }
        return List.of(outcomes);
    }

    /// The row as a registration would be sent; empty fields are left out.
    private static ObjectNode json(Map<String, String> row) {
        var json = JsonNodeFactory.instance.objectNode();
        var metadata = JsonNodeFactory.instance.objectNode();
        row.forEach((column, text) -> {
            if (text == null || text.isEmpty()) return;
            if (column.startsWith(METADATA)) metadata.put(column.substring(METADATA.length()), text);
            else json.put(column, text);
        });
        if (!metadata.isEmpty()) json.set("metadata", metadata);
        return json;
    }
}
