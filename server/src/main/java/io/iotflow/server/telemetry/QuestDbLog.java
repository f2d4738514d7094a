package io.iotflow.server.telemetry;

import io.questdb.log.LogError;
import io.questdb.log.LogFactory;
import io.questdb.log.LogLevel;
import io.questdb.log.LogRecordUtf8Sink;
import io.questdb.log.LogWriter;
import io.questdb.mp.QueueConsumer;
import io.questdb.mp.RingQueue;
import io.questdb.mp.SCSequence;
import io.questdb.mp.SynchronizedJob;
import io.questdb.std.str.Utf8s;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands QuestDB's own log records to ours. QuestDB makes the instance itself, from `questdb-log.conf`, so class and
/// constructor are public; it runs on QuestDB's logging thread.
public final class QuestDbLog extends SynchronizedJob implements LogWriter {
    private static final Logger LOG = LoggerFactory.getLogger("questdb");
    private static boolean routed;

    private final RingQueue<LogRecordUtf8Sink> records;
    private final SCSequence sequence;
    private final QueueConsumer<LogRecordUtf8Sink> consumer = QuestDbLog::write;

    public QuestDbLog(RingQueue<LogRecordUtf8Sink> records, SCSequence sequence, int level) {
        this.records = records;
        this.sequence = sequence;
    }

    /// Must come before any other class of QuestDB is touched. QuestDB reads where its log goes from a system property
    /// and says so on the standard error stream, which belongs to the operator; hence the detour of one call.
    static synchronized void route() {
        if (routed) return;
        System.setProperty(LogFactory.CONFIG_SYSTEM_PROPERTY, "/io/iotflow/server/telemetry/questdb-log.conf");
        LogFactory.disableEnv();
        var errors = System.err;
        try (var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            System.setErr(nowhere);
            LogFactory.getInstance();
        } catch (LogError e) {
            throw new IllegalStateException("QuestDB's log cannot be routed", e);
        } finally {
            System.setErr(errors);
        }
        routed = true;
    }

    @Override
    public void bindProperties(LogFactory factory) {}

    @Override
    protected boolean runSerially() {
        return sequence.consumeAll(records, consumer);
    }

    private static void write(LogRecordUtf8Sink entry) {
        var text = Utf8s.toString(entry);
        if (text == null) return;
        boolean isFault = (entry.getLevel() & (LogLevel.CRITICAL | LogLevel.ERROR)) != 0;
        if (isFault) LOG.warn("event=questdb said=\"{}\"", text.strip());
        else LOG.debug("event=questdb said=\"{}\"", text.strip());
    }
}
