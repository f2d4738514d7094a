package io.iotflow.server.telemetry;

import io.questdb.BuildInformationHolder;
import io.questdb.FreeOnExit;
import io.questdb.PropServerConfiguration;
import io.questdb.ServerConfigurationException;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.OperationFuture;
import io.questdb.cairo.wal.seq.SeqTxnTracker;
import io.questdb.cutlass.json.JsonException;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.griffin.engine.functions.bind.BindVariableServiceImpl;
import io.questdb.log.LogFactory;
import io.questdb.std.Files;
import io.questdb.std.Unsafe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;

/// QuestDB in this process, without its server: the engine, opened and closed, and the few statements that are not
/// questions. What runs beside it is in [Upkeep].
final class QuestDb implements AutoCloseable {
    final CairoEngine engine;
    private final FreeOnExit freeOnExit = new FreeOnExit();

    private QuestDb(CairoEngine engine, PropServerConfiguration configuration) {
        this.engine = engine;
        configuration.init(engine, freeOnExit);
        engine.load();
    }

    static QuestDb open(TelemetryConfig config, Path folder) {
        QuestDbLog.route();
        try {
            java.nio.file.Files.createDirectories(folder.resolve("db"));
            var log = LogFactory.getLog("questdb");
            var configuration = new PropServerConfiguration(folder.toAbsolutePath().toString(), properties(), Map.of(),
                    log, new BuildInformationHolder());
            Files.FS_CACHE_ENABLED = configuration.getCairoConfiguration().getFileDescriptorCacheEnabled();
            Files.ASYNC_MUNMAP_ENABLED = false;
            Unsafe.setRssMemLimit(config.nativeMemory());
            return new QuestDb(new QuestDbEngine(configuration.getCairoConfiguration()), configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ServerConfigurationException | JsonException e) {
            throw new IllegalStateException("BUG: QuestDB refuses its configuration", e);
        }
    }

    /// Small buffers, everything synced, and nothing that only its server needs. Beside each size: what it costs.
    private static Properties properties() {
        var it = new Properties();
        it.setProperty("cairo.commit.mode", "sync");
        for (var server : List.of("http.enabled", "http.min.enabled", "pg.enabled", "line.tcp.enabled",
                "line.udp.enabled", "telemetry.enabled", "cairo.mat.view.enabled", "config.reload.enabled",
                "metrics.enabled", "query.tracing.enabled", "log.sql.query.progress.exe")) {
            it.setProperty(server, "false");
        }
        it.setProperty("telemetry.disable.completely", "true");
        it.setProperty("cairo.sql.copy.root", "");
        it.setProperty("cairo.sql.copy.export.root", "");
        // Two a column and table while late data is merged (resident): 256 KiB x 2 x 5 columns.
        it.setProperty("cairo.o3.column.memory.size", "256K");
        // Mapped a column of the newest partition, file space until it is closed: 4 MiB x 5, index 1 MiB + 64 KiB.
        it.setProperty("cairo.writer.data.append.page.size", "4M");
        it.setProperty("cairo.writer.data.index.value.append.page.size", "1M");
        it.setProperty("cairo.writer.data.index.key.append.page.size", "64K");
        it.setProperty("cairo.system.writer.data.append.page.size", "64K");
        // Mapped a column of the open segment: 2 MiB x 5. Segments roll every 64 MiB or 2M rows.
        it.setProperty("cairo.wal.writer.data.append.page.size", "2M");
        it.setProperty("cairo.wal.segment.rollover.size", "64M");
        it.setProperty("cairo.wal.segment.rollover.row.count", "2000000");
        it.setProperty("cairo.wal.purge.interval", "1000");
        // The list of commits is kept in parts, so that old ones can go; in one piece it would grow by 10 MB a day.
        it.setProperty("cairo.default.sequencer.part.txn.count", "5000");
        it.setProperty("cairo.wal.sequencer.check.interval", "1000");
        // An idle reader keeps its partitions mapped.
        it.setProperty("cairo.inactive.reader.ttl", "30000");
        it.setProperty("cairo.inactive.reader.max.open.partitions", "32");
        it.setProperty("cairo.page.frame.shard.count", "1");
        it.setProperty("cairo.page.frame.reduce.queue.capacity", "16");
        it.setProperty("cairo.unordered.page.frame.reduce.queue.capacity", "64");
        it.setProperty("cairo.vector.aggregate.queue.capacity", "16");
        // A compiler keeps pools for statements far larger than ours: 20 MB of heap each, 1 MB so.
        for (var pool : List.of("cairo.lexer.pool.capacity", "cairo.expression.pool.capacity",
                "cairo.model.pool.capacity", "cairo.column.pool.capacity")) {
            it.setProperty(pool, "64");
        }
        it.setProperty("cairo.wal.apply.parallel.sql.enabled", "false");
        return it;
    }

    SqlExecutionContextImpl context(int helpers) {
        return new SqlExecutionContextImpl(engine, helpers).with(
                AllowAllSecurityContext.INSTANCE, new BindVariableServiceImpl(engine.getConfiguration()));
    }

    /// Runs a statement made of constants only.
    void execute(String sql) {
        try (var context = context(0)) {
            engine.execute(sql, context);
        } catch (SqlException e) {
            throw new IllegalStateException("BUG: QuestDB refuses " + sql, e);
        }
    }

    /// Queues a statement with variables behind everything committed before it.
    void update(String sql, Variables variables) {
        try (var context = context(0); var compiler = engine.getSqlCompiler()) {
            variables.set(context.getBindVariableService());
            try (OperationFuture queued = compiler.compile(sql, context).execute(null)) {
                queued.await();
            }
        } catch (SqlException e) {
            throw new IllegalStateException("BUG: QuestDB refuses " + sql, e);
        }
    }

    TableToken table(String name) {
        return engine.verifyTableName(name);
    }

    SeqTxnTracker progress(TableToken table) {
        return engine.getTableSequencerAPI().getTxnTracker(table);
    }

    boolean suspended(TableToken table) {
        return engine.getTableSequencerAPI().isSuspended(table);
    }

    /// A table stops applying when that failed, say for want of disk. Everything is still in its log.
    boolean resume(TableToken table) {
        try {
            engine.getTableSequencerAPI().resumeTable(table, 0);
            return engine.notifyWalTxnCommitted(table);
        } catch (CairoException e) {
            return false;
        }
    }

    long nativeMemory() {
        return Unsafe.getRssMemUsed();
    }

    /// Rows of a table on disk, erased ones included.
    long rows(TableToken table) {
        try (var reader = engine.getReader(table)) {
            return reader.size();
        }
    }

    /// The earliest time in a table; empty when it has no rows.
    OptionalLong earliest(TableToken table) {
        try (var reader = engine.getReader(table)) {
            return reader.size() == 0 ? OptionalLong.empty() : OptionalLong.of(reader.getMinTimestamp());
        }
    }

    @Override
    public void close() {
        engine.signalClose();
        engine.close();
        freeOnExit.close();
    }

    /// Sets the variables of a statement, by name.
    interface Variables {
        void set(io.questdb.cairo.sql.BindVariableService variables) throws SqlException;
    }

    static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }
}
