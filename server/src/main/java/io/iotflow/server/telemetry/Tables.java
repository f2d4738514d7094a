package io.iotflow.server.telemetry;

import io.questdb.cairo.TableToken;
import java.util.List;
import java.util.Locale;

/// The four tables. Numbers and truth values are apart from texts because a text column costs 16 bytes in every row,
/// with or without a text: a point takes 26 bytes and about 8 of index. Values of any type that are kept sealed are in
/// a table of their own, so that no text can be taken for one. The column of time comes first.
///
/// Index blocks hold 128 rows: a block of 1,024 would take 8 KiB for each device and day, 82 MB for 10,000 devices.
record Tables(TableToken points, TableToken texts, TableToken sealed, TableToken series) {

    static Tables open(QuestDb database, TelemetryConfig.Partition partition) {
        var key = "time TIMESTAMP, device SYMBOL CAPACITY 16384 NOCACHE INDEX CAPACITY 128, "
                + "metric SYMBOL CAPACITY 1024 CACHE, ";
        var end = ") TIMESTAMP(time) PARTITION BY " + partition.name().toUpperCase(Locale.ROOT)
                + " WAL DEDUP UPSERT KEYS(time, device, metric)";
        database.execute("CREATE TABLE IF NOT EXISTS points (" + key + "number DOUBLE, form SHORT" + end);
        database.execute("CREATE TABLE IF NOT EXISTS texts (" + key + "text VARCHAR" + end);
        database.execute("CREATE TABLE IF NOT EXISTS sealed (" + key + "envelope VARCHAR" + end);
        database.execute("CREATE TABLE IF NOT EXISTS series (seen TIMESTAMP, device LONG, "
                + "metric SYMBOL CAPACITY 1024 CACHE, type BYTE) TIMESTAMP(seen) PARTITION BY YEAR WAL");
        return new Tables(database.table("points"), database.table("texts"), database.table("sealed"),
                database.table("series"));
    }

    /// Those that hold values.
    List<TableToken> values() {
        return List.of(points, texts, sealed);
    }

    List<TableToken> all() {
        return List.of(points, texts, sealed, series);
    }
}
