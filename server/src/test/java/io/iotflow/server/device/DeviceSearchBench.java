package io.iotflow.server.device;

import static io.iotflow.server.core.OrganizationPath.ROOT;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.DatabaseConfig;
import io.iotflow.server.database.SharedDatabase;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Not a test: measures how long pages of many devices take. Arguments: an empty folder and how many devices (100,000
/// by default); `explain` as the third one shows PostgreSQL's plans.
final class DeviceSearchBench {
    private static final int ROUNDS = 10;
    /// Has one of 10,000 devices.
    private static final OrganizationPath SMALL = new OrganizationPath("/1/2/");

    private DeviceSearchBench() {}

    public static void main(String[] arguments) {
        var count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
        var config = DeviceConfig.standard();
        try (var database = Database.open(DatabaseConfig.embedded(), Path.of(arguments[0]))) {
            fill(database, count);
            try (var presence = new Presence(database, config, InstantSource.system())) {
                var search = new DeviceSearch(database, presence);
                var registry = new DeviceRegistry(database, config, SharedDatabase.metadata(),
                        new Audit(database, InstantSource.system()), InstantSource.system());
                search.answerFrom(new Statuses(database, registry, InstantSource.system()));
                for (var sort : DeviceQuery.Sort.values()) {
                    page(search, "no filter, by " + sort, query(sort, "", ""), Optional.empty());
                }
                var byId = query(DeviceQuery.Sort.ID, "", "");
                page(search, "by type", query(DeviceQuery.Sort.ID, "type-7", ""), Optional.empty());
                page(search, "by type, by name", query(DeviceQuery.Sort.NAME, "type-7", ""), Optional.empty());
                for (var text : List.of("device-77777", "DEVICE", "nowhere")) {
                    page(search, "search " + text, query(DeviceQuery.Sort.NAME, "", text), Optional.empty());
                }
                page(search, "by tag, 1 of 50", byId, Optional.of("tags.site === 'site-7'"));
                page(search, "by tag, 1 of 50, by name", query(DeviceQuery.Sort.NAME, "", ""),
                        Optional.of("tags.site === 'site-7'"));
                page(search, "by tag, 1 of 2", byId, Optional.of("tags.half === 'a'"));
                page(search, "by tag, 1 of 2, by name", query(DeviceQuery.Sort.NAME, "", ""),
                        Optional.of("tags.half === 'a'"));
                page(search, "by metadata, one device", byId, Optional.of("metadata.serial === 'serial-77777'"));
                page(search, "by metadata, none", byId, Optional.of("metadata.serial === 'none'"));
                page(search, "by field, 1 of 100", byId, Optional.of("device.location === 'Hall 7'"));
                page(search, "by comparison, 1 of 100", byId, Optional.of("metadata.floor >= 99"));
                page(search, "by what only the filter can tell, 1 of 100", byId,
                        Optional.of("metadata.label.toUpperCase() === 'LABEL-7'"));
                page(search, "by what only the filter can tell, none", byId,
                        Optional.of("metadata.label.toUpperCase() === 'label-7'"));
                for (var sort : DeviceQuery.Sort.values()) {
                    page(search, SMALL, "a small organization, by " + sort, query(sort, "", ""), Optional.empty());
                }
                page(search, SMALL, "a small organization, by field", byId, Optional.of("device.location === 'x'"));
                page(search, SMALL, "a small organization, by the filter", byId,
                        Optional.of("metadata.label.toUpperCase() === 'LABEL-7'"));
                var began = System.nanoTime();
                var all = search.matching(ROOT, DeviceFilter.parse("filter",
                        "metadata.label.toUpperCase() === 'LABEL-7'"), count).size();
                say("all %,d of 1 of 100 that only the filter can tell: %.0f ms", all, millis(began));
                if (arguments.length > 2) explain(database);
            }
        }
    }

    private static void fill(Database database, int count) {
        var began = System.nanoTime();
        database.transaction(ROOT, handle -> handle.execute("""
                INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                VALUES (2, '/1/2/', '/1/', 'small', now())"""));
        for (int from = 0; from < count; from += 10_000) {
            var first = from;
            database.transaction(ROOT, handle -> handle.execute("""
                    INSERT INTO devices (organization, name, device_type, description, location, firmware_version,
                        metadata, status, created_at, updated_at)
                    SELECT CASE n % 10000 WHEN 77 THEN '/1/2/' ELSE '/1/' END, 'device-' || n,
                        'type-' || n % 20, 'a device of the bench', 'Hall ' || n % 100,
                        '1.' || n % 10, jsonb_build_object('serial', 'serial-' || n, 'floor', n % 100,
                            'label', 'label-' || n % 100, 'tags', jsonb_build_object('site', 'site-' || n % 50,
                            'half', CASE n % 2 WHEN 0 THEN 'a' ELSE 'b' END), 'contact', repeat('x', 100)),
                        'active', now(), now()
                    FROM generate_series(?, ?) AS n""", first, Math.min(first + 10_000, count) - 1));
        }
        database.transaction(ROOT, handle -> handle.execute("ANALYZE devices, device_marks"));
        say("%,d devices registered: %.0f ms", count, millis(began));
    }

    private static DeviceQuery query(DeviceQuery.Sort sort, String type, String search) {
        return new DeviceQuery("", type, search, DeviceQuery.Among.ALL, sort, false, 100, 0, "");
    }

    /// The first five pages after one another, again and again.
    private static void page(DeviceSearch search, String what, DeviceQuery first, Optional<String> text) {
        page(search, ROOT, what, first, text);
    }

    private static void page(DeviceSearch search, OrganizationPath scope, String what, DeviceQuery first,
            Optional<String> text) {
        var filters = text.map(it -> List.of(DeviceFilter.parse("filter", it))).orElse(List.of());
        var nanos = new long[ROUNDS * 5];
        var found = 0;
        for (int round = -3; round < ROUNDS; round++) { // the first warm up
            var cursor = "";
            found = 0;
            for (int i = 0; i < 5; i++) {
                var query = first.withPage(100, cursor);
                var began = System.nanoTime();
                var page = search.list(scope, query, filters);
                if (round >= 0) nanos[round * 5 + i] = System.nanoTime() - began;
                found += page.devices().size();
                cursor = page.nextCursor().orElse("");
            }
        }
        Arrays.sort(nanos);
        say("%-45s %4d devices on 5 pages, p50 %6.1f ms, p95 %6.1f ms, most %6.1f ms", what, found,
                nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 95 / 100] / 1e6, nanos[nanos.length - 1] / 1e6);
    }

    private static void explain(Database database) {
        for (var condition : List.of("TRUE", "device_type = 'type-7'",
                "metadata @> '{\"tags\":{\"site\":\"site-7\"}}'", "metadata @> '{\"serial\":\"serial-77777\"}'")) {
            for (var select : List.of("SELECT count(*) FROM devices WHERE %s", "SELECT * FROM devices WHERE %s"
                    + " AND id > 100 ORDER BY id LIMIT 101")) {
                var sql = select.formatted("status <> 'decommissioned' AND " + condition);
                say("%s", sql);
                database.transaction(ROOT, handle -> handle.createQuery("EXPLAIN ANALYZE " + sql).mapTo(String.class)
                        .list()).forEach(line -> say("    %s", line));
            }
        }
    }

    private static double millis(long began) {
        return (System.nanoTime() - began) / 1e6;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
