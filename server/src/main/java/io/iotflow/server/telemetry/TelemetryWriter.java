package io.iotflow.server.telemetry;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Sealed;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.DeviceId;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.std.str.Utf8StringSink;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Appends to the tables' logs and commits them. Not for several threads: [TelemetryStore] holds a lock.
///
/// Series are committed before the values that need them, so that no value is on disk without its series.
final class TelemetryWriter implements AutoCloseable {
    private static final int TIME = 0;
    private static final int DEVICE = 1;
    private static final int METRIC = 2;
    private static final int NUMBER = 3;
    private static final int FORM = 4;
    private static final int TEXT = 3;
    private static final int ENVELOPE = 3;

    private static final int SERIES_DEVICE = 1;
    private static final int SERIES_METRIC = 2;
    private static final int SERIES_TYPE = 3;

    private final QuestDb database;
    private final SeriesCatalogue catalogue;
    private final InstantSource clock;
    private final Log points;
    private final Log texts;
    private final Log sealed;
    private final Log series;
    private final List<NewSeries> unconfirmed = new ArrayList<>();
    private final Utf8StringSink utf8 = new Utf8StringSink();
    private DeviceId lastDevice;
    private DeviceSeries lastSeries;

    /// @param kept how: see [DeviceSeries]
    private record NewSeries(DeviceSeries device, String metric, int kept) {}

    TelemetryWriter(QuestDb database, SeriesCatalogue catalogue, InstantSource clock, Tables tables) {
        this.database = database;
        this.catalogue = catalogue;
        this.clock = clock;
        this.points = new Log(tables.points());
        this.texts = new Log(tables.texts());
        this.sealed = new Log(tables.sealed());
        this.series = new Log(tables.series());
    }

    /// One table's log. Opened when needed, so that one that failed is replaced by a sound one.
    private final class Log {
        final TableToken table;
        private WalWriter writer;
        private boolean dirty;

        Log(TableToken table) {
            this.table = table;
        }

        TableWriter.Row row(long timeMicros) {
            if (writer == null) writer = database.engine.getWalWriter(table);
            dirty = true;
            return writer.newRow(timeMicros);
        }

        void commit() {
            if (!dirty) return;
            writer.commit();
            dirty = false;
        }

        /// Starts a new segment, so that the old one can be removed once it is applied.
        void roll() {
            if (writer != null) writer.rollSegment();
        }

        void close() {
            if (writer == null) return;
            var closing = writer;
            writer = null;
            dirty = false;
            closing.close();
        }
    }

    void append(DeviceId device, Measurement measurement) {
        var time = measurement.timeMicros();
        if (time < TelemetryStore.EARLIEST_MICROS || time >= TelemetryStore.LATEST_MICROS) {
            throw new IllegalArgumentException("BUG: time " + time + " should have been refused");
        }
        var known = device.equals(lastDevice) ? lastSeries
                : catalogue.admit(device, measurement.metric(), measurement.value().type());
        lastDevice = device;
        lastSeries = known;
        var kept = measurement.value() instanceof Sealed ? DeviceSeries.SEALED : DeviceSeries.CLEAR;
        var metric = known.persistedName(measurement.metric(), kept);
        if (metric == null) metric = introduce(device, measurement, kept);
        switch (measurement.value()) {
            case Real it -> number(known, metric, measurement.timeMicros(), it.number(), Form.of(it));
            case Whole it -> number(known, metric, measurement.timeMicros(), it.number(), Form.of(it));
            case Flag it -> number(known, metric, measurement.timeMicros(), it.on() ? 1 : 0, Form.of(it));
            case Text(var text) -> characters(texts, TEXT, known, metric, measurement.timeMicros(), text);
            case Sealed(_, var envelope) ->
                    characters(sealed, ENVELOPE, known, metric, measurement.timeMicros(), envelope);
        }
    }

    private void characters(Log log, int column, DeviceSeries device, String metric, long timeMicros, String text) {
        var row = log.row(timeMicros);
        row.putSym(DEVICE, device.symbol);
        row.putSym(METRIC, metric);
        utf8.clear();
        utf8.put(text);
        row.putVarchar(column, utf8);
        row.append();
    }

    private void number(DeviceSeries device, String metric, long timeMicros, double number, short form) {
        var row = points.row(timeMicros);
        row.putSym(DEVICE, device.symbol);
        row.putSym(METRIC, metric);
        row.putDouble(NUMBER, number);
        row.putShort(FORM, form);
        row.append();
    }

    private String introduce(DeviceId device, Measurement measurement, int kept) {
        var known = catalogue.admit(device, measurement.metric(), measurement.value().type());
        var metric = catalogue.name(measurement.metric());
        var row = series.row(Math.max(0, clock.millis() * 1_000));
        row.putLong(SERIES_DEVICE, device.value());
        row.putSym(SERIES_METRIC, metric);
        row.putByte(SERIES_TYPE, DeviceSeries.code(measurement.value().type(), kept));
        row.append();
        known.persisted(metric, kept);
        unconfirmed.add(new NewSeries(known, metric, kept));
        return metric;
    }

    void commit() {
        series.commit();
        unconfirmed.clear();
        points.commit();
        texts.commit();
        sealed.commit();
    }

    void roll() {
        points.roll();
        texts.roll();
        sealed.roll();
    }

    /// Forgets everything since the last commit and lets go of the logs, whatever state they are in.
    void abandon() {
        for (var it : unconfirmed) it.device().notPersisted(it.metric(), it.kept());
        unconfirmed.clear();
        close();
    }

    @Override
    public void close() {
        lastDevice = null;
        lastSeries = null;
        try (var closer = new Closer()) {
            for (var log : List.of(series, sealed, texts, points)) closer.add(log::close);
        }
    }
}
