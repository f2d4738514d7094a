package io.iotflow.server.telemetry;

import io.questdb.cairo.sql.AtomicBooleanCircuitBreaker;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.cairo.sql.TableReferenceOutOfDateException;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.griffin.engine.functions.bind.BindVariableServiceImpl;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/// What one thread needs to read the store: its variables and the queries it has compiled. One user at a time.
final class QuestionSession implements AutoCloseable {
    /// Compiled queries kept. Query texts are constants of this package, so there are fewer than this.
    private static final int COMPILED_AT_MOST = 64;
    /// A table's structure never changes while we run, its files' versions may: after an erasure, say.
    private static final int ATTEMPTS = 10;
    private static final int CIRCUIT_THROTTLE = 1_000;

    private final QuestDb database;
    private final ScanPartner partner;
    private final SqlExecutionContextImpl context;
    private final AtomicBooleanCircuitBreaker breaker;
    private final Map<String, RecordCursorFactory> compiled = new LinkedHashMap<>(16, 0.75f, true);
    private AtomicBoolean cancelled = new AtomicBoolean();

    QuestionSession(QuestDb database, ScanPartner partner) {
        this.database = database;
        this.partner = partner;
        this.breaker = new AtomicBooleanCircuitBreaker(database.engine, CIRCUIT_THROTTLE);
        this.context = database.context(ScanPartner.COUNT);
        context.with(AllowAllSecurityContext.INSTANCE,
                new BindVariableServiceImpl(database.engine.getConfiguration()), null, -1, breaker);
    }

    void begin(AtomicBoolean cancelled) {
        this.cancelled = cancelled;
        breaker.clear();
        breaker.setCancelledFlag(cancelled);
    }

    /// Must be called now and then by whoever loops over rows.
    void stopIfCancelled() {
        if (cancelled.get()) throw new CancellationException("nobody waits for this answer");
    }

    /// Asks for a second thread, for questions that read whole partitions.
    ScanPartner.Scan scan() {
        return partner.begin();
    }

    /// Opens a cursor; the caller closes it. All cursors open at one time in a session share their variables.
    RecordCursor open(String sql, QuestDb.Variables variables) {
        for (var attempt = 1; ; attempt++) {
            try {
                variables.set(context.getBindVariableService());
                return factory(sql).getCursor(context);
            } catch (TableReferenceOutOfDateException e) {
                forget(sql);
                if (attempt == ATTEMPTS) throw new IllegalStateException("the store's tables keep changing", e);
            } catch (SqlException e) {
                forget(sql);
                throw new IllegalStateException("BUG: QuestDB refuses " + sql, e);
            }
        }
    }

    private RecordCursorFactory factory(String sql) throws SqlException {
        var known = compiled.get(sql);
        if (known != null) return known;
        if (compiled.size() >= COMPILED_AT_MOST) forget(compiled.keySet().iterator().next());
        var made = database.engine.select(sql, context);
        compiled.put(sql, made);
        return made;
    }

    private void forget(String sql) {
        var old = compiled.remove(sql);
        if (old != null) old.close();
    }

    @Override
    public void close() {
        compiled.values().forEach(RecordCursorFactory::close);
        compiled.clear();
        context.close();
    }
}
