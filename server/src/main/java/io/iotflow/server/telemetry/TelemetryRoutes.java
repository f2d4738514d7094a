package io.iotflow.server.telemetry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Query;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.telemetry.RawQuery.Order;
import io.iotflow.server.telemetry.RowWriter.Format;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Telemetry over HTTP: everything that reads or erases it. What takes it in is the ingest's business.
public final class TelemetryRoutes implements Routes {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryRoutes.class);
    private static final Pattern CURSOR = Pattern.compile("([ad])([0-9]{1,18})");
    /// Rows fetched at a time while exporting; bounds the memory of an export.
    private static final int EXPORT_PAGE = 5_000;
    private static final int EXPORT_BUFFER_BYTES = 64 << 10;
    /// Metrics that one request may name.
    private static final int FIELDS_AT_MOST = Limits.SERIES_PER_DEVICE;
    /// Metrics that one erasure may name; each rewrites its partitions once more.
    private static final int ERASED_AT_MOST = 100;
    private static final Duration USUAL_SPAN = Duration.ofHours(24);
    /// Commits that the store may be behind before its status says so.
    private static final long LAG_HEALTHY = 50;

    private final TelemetryStore store;
    private final DeviceDirectory devices;
    private final Freshness freshness;
    private final SealedValues sealed;
    private final Erasure erasure;
    private final AggregateAnswer aggregates;
    private final FleetAnswer fleet;

    public TelemetryRoutes(TelemetryStore store, DeviceDirectory devices, Freshness freshness, SealedValues sealed,
            Erasure erasure) {
        this.store = store;
        this.devices = devices;
        this.freshness = freshness;
        this.sealed = sealed;
        this.erasure = erasure;
        this.aggregates = new AggregateAnswer(store);
        this.fleet = new FleetAnswer(store);
    }

    @Override
    public void declare(RouteTable table) {
        table.get("devices/telemetry", Access.DEVICE, this::own);
        var readers = Access.deviceOrWith(Permission.TELEMETRY_READ);
        table.get("telemetry/status", readers, _ -> status());
        table.get("telemetry/{device}", readers, this::raw);
        table.get("telemetry/{device}/range", readers, this::range);
        table.get("telemetry/{device}/latest", readers, this::latest);
        table.get("telemetry/{device}/aggregated", readers, this::aggregated);
        table.get("telemetry/{device}/export", readers, this::export).longLived();
        table.get("analytics/fleet", Access.with(Permission.TELEMETRY_READ), this::fleet);
        table.delete("telemetry/{device}", Access.with(Permission.TELEMETRY_ERASE), this::erase);
    }

    private DeviceDirectory.Entry device(Request request) {
        return devices.resolve(request.caller(), request.parameter("device"));
    }

    /// A device sees what it has sent.
    private Disclosure disclosure(Request request, DeviceId device) {
        return new Disclosure(sealed, device, switch (request.caller()) {
            case Caller.Device _ -> true;
            case Caller.User user -> user.may(Permission.SENSITIVE_READ);
            case Caller.Anonymous _ -> false;
        });
    }

    private Reply own(Request request) throws InterruptedException {
        var query = request.query();
        var span = TimeSpan.read(query, request.receivedAt().minus(USUAL_SPAN));
        var asked = query(request.device().id(), query, span);
        var stale = catchUp();
        var rows = store.raw(asked);
        var disclosure = disclosure(request, asked.device());
        var answer = Json.mapper().createObjectNode();
        answer.put("status", "success");
        var data = answer.putArray("telemetry");
        rows.rows().forEach(row -> data.add(RowWriter.json(disclosure.shown(row))));
        disclosure.tell(answer);
        answer.put("count", rows.rows().size());
        answer.put("limit", asked.limit());
        answer.put("start_time", span.from().toString());
        answer.put("next_cursor", nextCursor(asked, rows));
        return reply(answer, stale);
    }

    private Reply range(Request request) throws InterruptedException {
        if (request.query().text("from").isEmpty()) {
            throw PlatformException.invalid("from", "is missing: send a time such as 2026-01-01T00:00:00Z or -24h");
        }
        return raw(request);
    }

    private Reply raw(Request request) throws InterruptedException {
        var device = device(request);
        var query = request.query();
        var span = TimeSpan.read(query, request.receivedAt().minus(USUAL_SPAN));
        var asked = query(device.id(), query, span);
        var format = query.oneOf("format", Format.JSON);
        var stale = catchUp();
        var rows = store.raw(asked);
        var disclosure = disclosure(request, device.id());
        if (format != Format.JSON) return lines(disclosure, asked, rows, format);
        var answer = about(device);
        answer.put("start_time", span.from().toString());
        if (!span.isOpenEnded()) answer.put("end_time", span.to().toString());
        var data = answer.putArray("data");
        rows.rows().forEach(row -> data.add(RowWriter.json(disclosure.shown(row))));
        disclosure.tell(answer);
        answer.put("count", rows.rows().size());
        answer.put("next_cursor", nextCursor(asked, rows));
        answer.put("iotdb_available", true);
        return reply(answer, stale);
    }

    private Reply lines(Disclosure disclosure, RawQuery asked, RawRows rows, Format format) {
        var out = new ByteArrayOutputStream();
        try {
            var writer = writer(out, asked, format);
            for (var row : rows.rows()) writer.write(disclosure.shown(row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var reply = Reply.bytes(type(format), out.toByteArray());
        var next = nextCursor(asked, rows);
        return told(disclosure, next == null ? reply : reply.header("X-Next-Cursor", next));
    }

    private static Reply told(Disclosure disclosure, Reply reply) {
        if (!disclosure.hidden().isEmpty()) reply.header("X-Hidden-Metrics", disclosure.hidden());
        if (!disclosure.unreadable().isEmpty()) reply.header("X-Unreadable-Metrics", disclosure.unreadable());
        return reply;
    }

    private Reply latest(Request request) throws InterruptedException {
        var device = device(request);
        var fields = fields(request.query());
        var stale = catchUp();
        var answer = about(device);
        var data = answer.putObject("latest_data");
        var times = Json.mapper().createObjectNode();
        var newest = Long.MIN_VALUE;
        var found = store.series().latest(device.id()).stream()
                .filter(it -> fields.isEmpty() || fields.contains(it.metric())).toList();
        for (var it : found) newest = Math.max(newest, it.timeMicros());
        if (!found.isEmpty()) data.put("timestamp", TimeSpan.instant(newest).toString());
        var disclosure = disclosure(request, device.id());
        for (var it : found) {
            RowWriter.put(data, it.metric(), disclosure.shown(it.metric(), it.timeMicros(), it.value()));
            times.put(it.metric(), TimeSpan.instant(it.timeMicros()).toString());
        }
        answer.set("timestamps", times);
        disclosure.tell(answer);
        return reply(answer, stale);
    }

    private Reply aggregated(Request request) throws InterruptedException {
        var device = device(request);
        var disclosure = disclosure(request, device.id());
        var stale = catchUp();
        var asked = aggregates.read(device.id(), request.query(), fields(request.query()), disclosure,
                request.receivedAt());
        var answer = about(device);
        aggregates.write(answer, asked, disclosure);
        disclosure.tell(answer);
        return reply(answer, stale);
    }

    private Reply fleet(Request request) throws InterruptedException {
        var asked = fleet.read(request.query(), devices.visible(request.scope()), request.receivedAt());
        var stale = catchUp();
        return reply(fleet.write(asked), stale);
    }

    private Reply export(Request request) throws InterruptedException {
        var device = device(request);
        var query = request.query();
        var span = TimeSpan.read(query, TimeSpan.always());
        var format = query.oneOf("format", Format.CSV);
        if (format == Format.JSON) throw PlatformException.invalid("format", "must be csv or ndjson");
        var asked = new RawQuery(device.id(), fields(query), span.fromMicros(), span.toMicros(),
                query.oneOf("order", Way.ASC).order, EXPORT_PAGE);
        catchUp();
        var first = store.raw(asked);
        var disclosure = disclosure(request, device.id());
        if (!disclosure.isAllowed()) {
            disclosure.hide(store.series().sealed(device.id()).stream()
                    .filter(metric -> asked.metrics().isEmpty() || asked.metrics().contains(metric)).toList());
        }
        return told(disclosure, Reply.stream(type(format), out -> export(out, asked, first, format, disclosure))
                .header("Content-Disposition",
                        "attachment; filename=\"" + RowWriter.fileName(device.name(), format) + "\""));
    }

    /// Page by page, so that a slow client holds nothing of the store while it reads.
    private void export(OutputStream to, RawQuery asked, RawRows first, Format format, Disclosure disclosure)
            throws IOException {
        try (var out = new BufferedOutputStream(to, EXPORT_BUFFER_BYTES)) {
            var writer = writer(out, asked, format);
            var rows = first;
            while (true) {
                for (var row : rows.rows()) writer.write(disclosure.shown(row));
                if (!rows.more()) break;
                rows = store.raw(asked.after(rows.rows().getLast().timeMicros()));
            }
        }
        // Too late for a header.
        if (!disclosure.unreadable().isEmpty()) {
            LOG.warn("event=export_with_unreadable_values device={} metrics={}", asked.device(),
                    disclosure.unreadable());
        }
    }

    private record ErasureRequest(Instant startTime, Instant stopTime, List<String> fields) {}

    private Reply erase(Request request) throws InterruptedException {
        var device = device(request);
        var times = request.hasBody() ? request.json(ErasureRequest.class)
                : new ErasureRequest(request.query().time("start_time").orElse(null),
                        request.query().time("stop_time").orElse(null),
                        List.copyOf(fields(request.query())));
        if (times.startTime() == null) throw missing("start_time");
        if (times.stopTime() == null) throw missing("stop_time");
        var span = TimeSpan.of(times.startTime(), times.stopTime(), "start_time");
        if (freshness.catchUp(Limits.CATCH_UP).isPresent()) {
            throw PlatformException.retryLater(ErrorCode.UNAVAILABLE,
                    "Measurements are still on their way into the store; nothing was erased.", Duration.ofSeconds(2));
        }
        var metrics = times.fields() == null ? Set.<String>of() : new LinkedHashSet<>(times.fields());
        if (metrics.size() > ERASED_AT_MOST) {
            throw PlatformException.invalid("fields", "names more than " + ERASED_AT_MOST + " metrics");
        }
        erasure.erase(request.actor(), device.id(), metrics, span.fromMicros(), span.toMicros());
        LOG.info("event=telemetry_erased device={} from={} to={} by={}:{}", device.id().value(), span.from(), span.to(),
                request.actor().kind().word(), request.actor().id());
        var answer = Json.mapper().createObjectNode();
        answer.put("message", "Telemetry erased");
        answer.put("device_id", device.id().value());
        answer.put("device_name", device.name());
        answer.put("start_time", span.from().toString());
        answer.put("stop_time", span.to().toString());
        return Reply.ok(answer);
    }

    private static PlatformException missing(String field) {
        return PlatformException.invalid(field, "is missing: send {\"start_time\": …, \"stop_time\": …}");
    }

    private Reply status() {
        var lag = store.lag();
        var answer = Json.mapper().createObjectNode();
        answer.put("status", store.isStuck() ? "unhealthy" : lag > LAG_HEALTHY ? "degraded" : "healthy");
        answer.put("store", "questdb");
        answer.put("iotdb_available", true);
        answer.put("total_devices", store.series().deviceCount());
        answer.put("total_series", store.series().seriesCount());
        answer.put("points_written", store.pointsWritten());
        answer.put("points_stored", store.pointsStored());
        answer.put("commits_behind", lag);
        return Reply.ok(answer);
    }

    private enum Way {
        ASC(Order.ASCENDING), DESC(Order.DESCENDING);

        private final Order order;

        Way(Order order) {
            this.order = order;
        }
    }

    private static RawQuery query(DeviceId device, Query query, TimeSpan span) {
        var order = query.oneOf("order", Way.DESC).order;
        var limit = query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        var asked = new RawQuery(device, fields(query), span.fromMicros(), span.toMicros(), order, limit);
        var cursor = query.text("cursor");
        if (cursor.isEmpty()) return asked;
        var match = CURSOR.matcher(cursor.get());
        if (!match.matches() || match.group(1).equals("a") != (order == Order.ASCENDING)) {
            throw PlatformException.invalid("cursor", "is not one of this call: send next_cursor of the answer before, "
                    + "with the same order");
        }
        return asked.after(Long.parseLong(match.group(2)));
    }

    private static String nextCursor(RawQuery asked, RawRows rows) {
        if (!rows.more()) return null;
        return (asked.order() == Order.ASCENDING ? "a" : "d") + rows.rows().getLast().timeMicros();
    }

    /// The metrics that a request names; empty = all.
    private static Set<String> fields(Query query) {
        var fields = new LinkedHashSet<String>();
        for (var name : List.of("fields", "field", "metrics", "metric")) fields.addAll(query.list(name));
        if (fields.size() > FIELDS_AT_MOST) {
            throw PlatformException.invalid("fields", "names more than " + FIELDS_AT_MOST + " metrics");
        }
        return fields;
    }

    private RowWriter writer(OutputStream out, RawQuery asked, Format format) throws IOException {
        if (format == Format.NDJSON) return new RowWriter.Lines(out);
        var metrics = new ArrayList<String>();
        for (var series : store.series().series(asked.device())) {
            if (asked.metrics().isEmpty() || asked.metrics().contains(series.metric())) metrics.add(series.metric());
        }
        return new RowWriter.Csv(out, metrics);
    }

    private static String type(Format format) {
        return format == Format.CSV ? RowWriter.Csv.TYPE : RowWriter.Lines.TYPE;
    }

    private Optional<Duration> catchUp() throws InterruptedException {
        return freshness.catchUp(Limits.CATCH_UP);
    }

    private ObjectNode about(DeviceDirectory.Entry device) {
        var answer = Json.mapper().createObjectNode();
        answer.put("device_id", device.id().value());
        answer.put("device_name", device.name());
        answer.put("device_type", device.type());
        var units = devices.units(device.id());
        if (!units.isEmpty()) new TreeMap<>(units).forEach(answer.putObject("units")::put);
        return answer;
    }

    private static Reply reply(ObjectNode answer, Optional<Duration> stale) {
        stale.ifPresent(by -> answer.put("stale_by_ms", by.toMillis()));
        return Reply.ok(answer);
    }
}
