package io.iotflow.server.telemetry;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.DeviceId;
import io.questdb.cairo.TableToken;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/// Keeps every measurement and answers for it.
///
/// **Writing** is for one thread: any number of [#append], then [#commit]. When `commit` has returned, everything
/// appended before it survives a power cut; writing the same (device, metric, time) again replaces the value, so
/// replaying a log changes nothing. When either throws, nothing since the last successful commit is promised and the
/// caller starts again from the place in its log that belongs to that commit; the store stays usable.
///
/// What was committed is seen by questions a few milliseconds later: [#awaitApplied] waits for that.
///
/// **Questions** may come from any thread, virtual ones too; each is bounded in time and in what it returns, and ends
/// early when the asking thread is interrupted.
public final class TelemetryStore implements AutoCloseable {
    /// The earliest time that can be kept. Earlier ones must be refused before they are acknowledged.
    public static final long EARLIEST_MICROS = 0;
    /// The end of times that can be kept: the year 9999.
    public static final long LATEST_MICROS = 253_370_764_800_000_000L;

    private static final Duration FRESH_ENOUGH = Duration.ofSeconds(1);

    private final Closer closer;
    private final QuestDb database;
    private final Tables tables;
    private final SeriesCatalogue catalogue;
    private final TelemetryWriter writer;
    private final Upkeep upkeep;
    private final QuestionThreads questions;
    private final ReentrantLock writing = new ReentrantLock();
    private final LongAdder pointsWritten = new LongAdder();
    private long pointsSinceCommit;

    private TelemetryStore(TelemetryConfig config, Path folder, InstantSource clock, Closer closer) {
        this.closer = closer;
        database = closer.add(QuestDb.open(config, folder));
        tables = Tables.open(database, config.partition());
        catalogue = new SeriesCatalogue(this::storedLatest, config.metricNames());
        upkeep = closer.add(new Upkeep(database, tables.all(), () -> {}));
        questions = closer.add(new QuestionThreads(database, config));
        questions.ask(session -> {
            loadSeries(session);
            return null;
        });
        writer = closer.add(new TelemetryWriter(database, catalogue, clock, tables));
    }

    /// Opens the store in a folder, or makes a new one there. What was committed but not yet applied when the last
    /// process ended is applied before this returns.
    public static TelemetryStore open(TelemetryConfig config, Path folder, InstantSource clock) {
        var closer = new Closer();
        try {
            return new TelemetryStore(config, folder, clock, closer);
        } catch (RuntimeException | Error failure) {
            try (closer) {
                throw failure;
            }
        }
    }

    /// The metrics of all devices and their latest values.
    public SeriesCatalogue series() {
        return catalogue;
    }

    /// Takes one measurement into the next commit.
    public void append(DeviceId device, Measurement measurement) {
        writing.lock();
        try {
            writer.append(device, measurement);
            pointsSinceCommit++;
        } catch (RuntimeException | Error e) {
            abandon(e);
            throw e;
        } finally {
            writing.unlock();
        }
    }

    /// Puts everything appended on disk.
    public void commit() {
        writing.lock();
        try {
            writer.commit();
            pointsWritten.add(pointsSinceCommit);
            pointsSinceCommit = 0;
        } catch (RuntimeException | Error e) {
            abandon(e);
            throw e;
        } finally {
            writing.unlock();
        }
        upkeep.wake();
    }

    private void abandon(Throwable reason) {
        pointsSinceCommit = 0;
        try {
            writer.abandon();
        } catch (RuntimeException | Error e) {
            reason.addSuppressed(e);
        }
    }

    /// Commits that are on disk and not yet seen by questions. A number that keeps growing means trouble.
    public long lag() {
        return tables.all().stream().mapToLong(this::lag).sum();
    }

    private long lag(TableToken table) {
        var progress = database.progress(table);
        return Math.max(0, progress.getSeqTxn() - progress.getWriterTxn());
    }

    /// Waits until questions see everything that was committed before this call.
    ///
    /// @return false when that did not happen in time
    public boolean awaitApplied(Duration atMost) throws InterruptedException {
        var points = database.progress(tables.points());
        var texts = database.progress(tables.texts());
        var pointsTarget = points.getSeqTxn();
        var textsTarget = texts.getSeqTxn();
        return upkeep.awaitApplied(
                () -> points.getWriterTxn() >= pointsTarget && texts.getWriterTxn() >= textsTarget, atMost);
    }

    /// Stored values as they were sent.
    public RawRows raw(RawQuery query) {
        var numbers = false;
        var texts = false;
        var kept = catalogue.series(query.device());
        for (var series : kept) {
            if (!query.metrics().isEmpty() && !query.metrics().contains(series.metric())) continue;
            if (series.type() == Value.Type.TEXT) texts = true;
            else numbers = true;
        }
        if (!numbers && !texts) return new RawRows(List.of(), false);
        var readNumbers = numbers;
        var readTexts = texts;
        return questions.ask(session -> RawReader.read(session, query, readNumbers, readTexts));
    }

    /// Measurements committed since this start.
    public long pointsWritten() {
        return pointsWritten.sum();
    }

    /// Measurements on disk, erased ones included.
    public long pointsStored() {
        return database.rows(tables.points()) + database.rows(tables.texts());
    }

    /// Bytes of native memory in use, mapped files not counted.
    public long nativeMemory() {
        return database.nativeMemory();
    }

    private List<Latest> storedLatest(DeviceId device) {
        try {
            awaitApplied(FRESH_ENOUGH);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return questions.ask(session -> {
            var found = new ArrayList<Latest>();
            readLatest(session, device, "SELECT time, metric, number, form FROM points WHERE device = :device"
                    + " AND number IS NOT NULL LATEST ON time PARTITION BY metric", false, found);
            readLatest(session, device, "SELECT time, metric, text FROM texts WHERE device = :device"
                    + " AND text IS NOT NULL LATEST ON time PARTITION BY metric", true, found);
            found.sort(Comparator.comparing(Latest::metric));
            return found;
        });
    }

    private static void readLatest(QuestionSession session, DeviceId device, String sql, boolean isText,
            List<Latest> found) {
        try (var cursor = session.open(sql, variables -> variables.setStr("device", device.toString()))) {
            var names = new MetricNames(cursor, 1, Set.of());
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                var value = isText ? new Value.Text(row.getVarcharA(2).toString())
                        : Form.value(row.getDouble(2), row.getShort(3));
                found.add(new Latest(names.name(row.getInt(1)), row.getTimestamp(0), value));
            }
        }
    }

    private void loadSeries(QuestionSession session) {
        var types = Value.Type.values();
        try (var cursor = session.open("SELECT device, metric, type FROM series", variables -> {})) {
            var names = new MetricNames(cursor, 1, Set.of());
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                catalogue.load(new DeviceId(row.getLong(0)), names.name(row.getInt(1)), types[row.getByte(2)]);
            }
        }
    }

    /// Commits nothing: what was appended since the last commit is forgotten.
    @Override
    public void close() {
        closer.close();
    }
}
