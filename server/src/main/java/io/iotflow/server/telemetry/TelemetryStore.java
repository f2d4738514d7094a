package io.iotflow.server.telemetry;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.telemetry.RawReader.Kind;
import io.questdb.cairo.TableToken;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Keeps every measurement and answers for it.
///
/// **Writing** is for one platform thread (never a virtual one): any number of [#append], then [#commit]. When `commit`
/// has returned, everything appended before it survives a power cut; writing the same (device, metric, time) again
/// replaces the value, so replaying a log changes nothing. When either throws, nothing since the last successful commit
/// is promised (some of it may be there) and the caller starts again from the place in its log that belongs to that
/// commit; the store stays usable. [#erase] commits what was appended before it; when that fails, the next of the two
/// throws.
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

    /// Commits whose age is remembered until questions see them; what comes beyond is younger than these.
    private static final int UNSEEN_AT_MOST = 10_000;

    private static final Duration FRESH_ENOUGH = Duration.ofSeconds(1);
    private static final Duration OPENING_AT_MOST = Duration.ofMinutes(5);
    private static final Duration ERASURE_AT_MOST = Duration.ofSeconds(25);
    private static final Duration RETENTION_PAUSE = Duration.ofHours(1);

    private final Closer closer;
    private final TelemetryConfig config;
    private final InstantSource clock;
    private final QuestDb database;
    private final Tables tables;
    private final SeriesCatalogue catalogue;
    private final TelemetryWriter writer;
    private final Upkeep upkeep;
    private final QuestionThreads questions;
    private final ReentrantLock writing = new ReentrantLock();
    private final LongAdder pointsWritten = new LongAdder();
    private final Deque<Unseen> unseen = new ConcurrentLinkedDeque<>();
    private Instant nextRetention = Instant.MIN;
    private long pointsSinceCommit;
    /// Whether an erasure that failed took along what somebody else had appended, who does not know yet.
    private boolean tookAlong;

    /// A commit, by the numbers that the tables of values then had, and when it was made.
    private record Unseen(long[] numbers, long nanos) {}

    private TelemetryStore(TelemetryConfig config, Path folder, InstantSource clock, Closer closer) {
        this.closer = closer;
        this.config = config;
        this.clock = clock;
        database = closer.add(QuestDb.open(config, folder));
        tables = Tables.open(database, config.partition());
        catalogue = new SeriesCatalogue(this::storedLatest, config.metricNames());
        upkeep = closer.add(new Upkeep(database, tables.all(), this::retain));
        questions = closer.add(new QuestionThreads(database, config));
        questions.ask(OPENING_AT_MOST, session -> {
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
            tellWhatWasTakenAlong();
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
            tellWhatWasTakenAlong();
            commitAppended();
        } catch (RuntimeException | Error e) {
            abandon(e);
            throw e;
        } finally {
            writing.unlock();
        }
        upkeep.wake();
    }

    /// Writes other values in the place of stored ones, and is done with it when it returns. Commits what somebody else
    /// has appended before. A log that still holds the values that were there MUST NOT be replayed from before this
    /// call.
    ///
    /// For platform threads.
    public void rewrite(DeviceId device, List<Measurement> measurements) {
        writing.lock();
        try {
            commitAppended();
            for (var measurement : measurements) writer.append(device, measurement);
            writer.commit();
        } catch (RuntimeException | Error e) {
            if (pointsSinceCommit > 0) tookAlong = true;
            abandon(e);
            throw e;
        } finally {
            writing.unlock();
        }
        upkeep.wake();
        for (var measurement : measurements) catalogue.observe(device, measurement);
    }

    private void tellWhatWasTakenAlong() {
        if (!tookAlong) return;
        tookAlong = false;
        throw new IllegalStateException("an erasure failed and took along what was appended before it");
    }

    private void commitAppended() {
        writer.commit();
        pointsWritten.add(pointsSinceCommit);
        pointsSinceCommit = 0;
        forgetSeen();
        if (unseen.size() < UNSEEN_AT_MOST) {
            unseen.add(new Unseen(committedNumbers(), System.nanoTime()));
        }
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

    /// Whether applying has stopped, say for want of disk. Nothing is lost, it is tried again every few seconds, and
    /// questions answer from what was applied.
    public boolean isStuck() {
        return tables.all().stream().anyMatch(database::suspended);
    }

    private long lag(TableToken table) {
        var progress = database.progress(table);
        return Math.max(0, progress.getSeqTxn() - progress.getWriterTxn());
    }

    /// For how long the oldest commit has waited that questions do not see yet; zero when they see all.
    public Duration unseenFor() {
        forgetSeen();
        var oldest = unseen.peek();
        return oldest == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest.nanos);
    }

    private void forgetSeen() {
        unseen.removeIf(commit -> isApplied(commit.numbers));
    }

    private long[] committedNumbers() {
        return tables.values().stream().mapToLong(table -> database.progress(table).getSeqTxn()).toArray();
    }

    private boolean isApplied(long[] numbers) {
        var values = tables.values();
        for (var i = 0; i < numbers.length; i++) {
            if (database.progress(values.get(i)).getWriterTxn() < numbers[i]) return false;
        }
        return true;
    }

    /// Waits until questions see everything that was committed before this call.
    ///
    /// @return false when that did not happen in time
    public boolean awaitApplied(Duration atMost) throws InterruptedException {
        var target = committedNumbers();
        return upkeep.awaitApplied(() -> isApplied(target), atMost);
    }

    /// Stored values as they were sent, or sealed.
    public RawRows raw(RawQuery query) {
        var places = placesOf(query);
        if (places.kinds().isEmpty()) return new RawRows(List.of(), false);
        return questions.ask(session -> RawReader.read(session, query, places));
    }

    /// Shows stored values row by row, sealed ones as they are, and keeps none of them: at most as many rows as the
    /// question's limit says, until the taker answers false. The taker is asked on a thread for which other questions
    /// wait: it MUST be quick, and it must not ask the store itself.
    ///
    /// @return the time of the last row that was shown, if there may be more; ask again with [RawQuery#after]
    public OptionalLong show(RawQuery query, Predicate<RawRows.Row> taker) {
        var places = placesOf(query);
        if (places.kinds().isEmpty()) return OptionalLong.empty();
        return questions.ask(session -> RawReader.show(session, query, places, taker));
    }

    private RawReader.Places placesOf(RawQuery query) {
        var kinds = EnumSet.noneOf(Kind.class);
        keptIn(query.device()).forEach((kind, metrics) -> {
            if (query.metrics().isEmpty() ? !metrics.isEmpty() : !Collections.disjoint(metrics, query.metrics())) {
                kinds.add(kind);
            }
        });
        return new RawReader.Places(kinds, metric -> catalogue.typeOf(query.device(), metric));
    }

    /// In which table each metric of a device has values.
    private Map<Kind, Set<String>> keptIn(DeviceId device) {
        var numbers = new HashSet<String>();
        var texts = new HashSet<String>();
        for (var metric : catalogue.clear(device)) {
            (catalogue.typeOf(device, metric) == Value.Type.TEXT ? texts : numbers).add(metric);
        }
        return Map.of(Kind.NUMBERS, numbers, Kind.TEXTS, texts, Kind.SEALED, catalogue.sealed(device));
    }

    /// Values gathered into windows. Refuses a function that its metric's type does not have, more windows than an
    /// answer may hold, and more sealed values than can be opened for one.
    ///
    /// @param disclosure opens what is sealed; the metrics asked for are such as it may
    AggregateRows aggregate(AggregateQuery query, Disclosure disclosure) {
        var texts = new TreeSet<String>();
        for (var metric : query.metrics()) {
            if (catalogue.typeOf(query.device(), metric) == Value.Type.TEXT) texts.add(metric);
        }
        for (var function : query.functions()) {
            if (texts.isEmpty() || function.ofTexts()) continue;
            throw PlatformException.invalid("aggregation", "cannot be " + function.word() + " for " + texts.first()
                    + ", which holds texts; ask for count, first or last");
        }
        return questions.ask(session -> new AggregateReader(session, query, disclosure,
                metric -> catalogue.typeOf(query.device(), metric)).read(catalogue.sealed(query.device())));
    }

    /// Values of one metric gathered over all devices; sealed ones are not among them.
    public FleetRows fleet(FleetQuery query) {
        return questions.ask(session -> FleetReader.read(session, query));
    }

    /// How much all devices measured in a span of time.
    ///
    /// @param from inclusive
    /// @param to   exclusive
    ///
    /// @param devices which devices; empty for all
    public FleetActivity activity(Optional<List<DeviceId>> devices, Instant from, Instant to) {
        var span = TimeSpan.of(from, to, "from");
        FleetQuery.checkCount(devices);
        return questions.ask(session -> new ActivityReader(session, devices, span).read());
    }

    /// Erases a device's values from a time on, until before another. When it has returned, no question shows them;
    /// a few seconds later no byte of them is left in the store's folder. What is erased can be written again, so a
    /// log that still holds the values MUST NOT be replayed from before this call.
    ///
    /// What was appended before is committed by this.
    ///
    /// @param metrics which metrics; empty = all
    public void erase(DeviceId device, Set<String> metrics, long fromMicros, long toMicros) {
        questions.ask(ERASURE_AT_MOST.multipliedBy(2), _ -> {
            eraseNow(device, metrics, Math.max(EARLIEST_MICROS, fromMicros), toMicros);
            return null;
        });
    }

    private void eraseNow(DeviceId device, Set<String> metrics, long fromMicros, long toMicros)
            throws InterruptedException {
        writing.lock();
        try {
            commitAppended();
            if (metrics.isEmpty()) eraseFrom(device, null, fromMicros, toMicros);
            for (var metric : metrics) eraseFrom(device, metric, fromMicros, toMicros);
            writer.roll();
        } catch (RuntimeException | Error e) {
            if (pointsSinceCommit > 0) tookAlong = true;
            abandon(e);
            throw e;
        } finally {
            writing.unlock();
        }
        upkeep.wake();
        var applied = awaitApplied(ERASURE_AT_MOST);
        catalogue.forgetLatest(device);
        upkeep.wakePurge();
        if (!applied) {
            throw new PlatformException(ErrorCode.UNAVAILABLE, "The erasure is on disk and will be done, but not yet.");
        }
    }

    private void eraseFrom(DeviceId device, String metric, long fromMicros, long toMicros) {
        QuestDb.Variables variables = it -> {
            it.setStr("device", device.toString());
            it.setTimestamp("from", fromMicros);
            it.setTimestamp("to", toMicros);
            if (metric != null) it.setStr("metric", metric);
        };
        var where = " WHERE device = :device AND time >= :from AND time < :to"
                + (metric == null ? "" : " AND metric = :metric");
        var type = metric == null ? null : catalogue.typeOf(device, metric);
        if (metric == null || type == Value.Type.NUMBER || type == Value.Type.BOOLEAN) {
            database.update("UPDATE points SET number = NULL, form = 0::short" + where, variables);
        }
        if (metric == null || type == Value.Type.TEXT) {
            database.update("UPDATE texts SET text = NULL" + where, variables);
        }
        var sealed = catalogue.sealed(device);
        if (metric == null ? !sealed.isEmpty() : sealed.contains(metric)) {
            database.update("UPDATE sealed SET envelope = NULL" + where, variables);
        }
    }

    /// Drops partitions that lie wholly before the retention's time.
    private void retain() {
        if (config.keepsForEver()) return;
        var now = clock.instant();
        if (now.isBefore(nextRetention)) return;
        nextRetention = now.plus(RETENTION_PAUSE);
        var oldest = ChronoUnit.MICROS.between(Instant.EPOCH, now.minus(config.retention()));
        var cutoff = config.partition().window().start(Math.max(0, oldest));
        for (var table : tables.values()) {
            var earliest = database.earliest(table);
            if (earliest.isEmpty() || earliest.getAsLong() >= cutoff) continue;
            database.execute("ALTER TABLE " + table.getTableName() + " DROP PARTITION WHERE time < "
                    + cutoff + "::timestamp");
            upkeep.wake();
        }
        catalogue.forgetLatestBefore(cutoff);
    }

    /// Measurements committed since this start.
    public long pointsWritten() {
        return pointsWritten.sum();
    }

    /// Measurements on disk, erased ones included.
    public long pointsStored() {
        return questions.ask(_ -> tables.values().stream().mapToLong(database::rows).sum());
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
        return questions.ask(session -> RawReader.latest(session, device, keptIn(device),
                metric -> catalogue.typeOf(device, metric)));
    }

    private void loadSeries(QuestionSession session) {
        try (var cursor = session.open("SELECT device, metric, type FROM series", variables -> {})) {
            var names = new MetricNames(cursor, 1, Set.of());
            var row = cursor.getRecord();
            while (cursor.hasNext()) {
                catalogue.load(new DeviceId(row.getLong(0)), names.name(row.getInt(1)), row.getByte(2));
            }
        }
    }

    /// Commits nothing: what was appended since the last commit is forgotten.
    @Override
    public void close() {
        closer.close();
    }
}
