package io.iotflow.server.telemetry;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/// The threads that read the store. QuestDB keeps native memory for every thread that calls it, so virtual threads
/// must not: they wait here while a few platform threads work for them.
final class QuestionThreads implements AutoCloseable {
    /// Questions waiting for a thread; one more is refused.
    private static final int WAITING_AT_MOST = 256;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final ThreadPoolExecutor threads;
    private final BlockingQueue<QuestionSession> sessions = new LinkedBlockingQueue<>();
    private final List<QuestionSession> all = new ArrayList<>();
    private final ScanPartner partner;
    private final Duration timeout;

    QuestionThreads(QuestDb database, TelemetryConfig config) {
        this.timeout = config.queryTimeout();
        var count = config.queryThreads();
        partner = new ScanPartner(database.engine);
        for (var i = 0; i < count; i++) all.add(new QuestionSession(database, partner));
        sessions.addAll(all);
        this.threads = new ThreadPoolExecutor(count, count, 1, TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING_AT_MOST), Thread.ofPlatform().name("telemetry-query-", 1).factory());
    }

    /// A piece of work that reads the store. It must copy what it wants to keep.
    interface Question<T> {
        T ask(QuestionSession session) throws InterruptedException;
    }

    /// Runs it and waits. The caller's interruption, or the configured time limit, ends it.
    <T> T ask(Question<T> question) {
        return ask(timeout, question);
    }

    <T> T ask(Duration atMost, Question<T> question) {
        var cancelled = new AtomicBoolean();
        var task = new FutureTask<>(() -> {
            var session = sessions.take();
            try {
                session.begin(cancelled);
                return question.ask(session);
            } finally {
                sessions.add(session);
            }
        });
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many questions are waiting.", RETRY_AFTER);
        }
        return answer(task, cancelled, atMost);
    }

    private <T> T answer(FutureTask<T> task, AtomicBoolean cancelled, Duration atMost) {
        try {
            return task.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            giveUp(task, cancelled);
            throw new PlatformException(ErrorCode.UNAVAILABLE, "The question took longer than "
                    + atMost.toMillis() + " ms; ask for a shorter time, fewer metrics or larger windows.");
        } catch (InterruptedException e) {
            giveUp(task, cancelled);
            Thread.currentThread().interrupt();
            throw new CancellationException("the asking thread was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) throw failure;
            if (e.getCause() instanceof Error failure) throw failure;
            throw new IllegalStateException("reading telemetry failed", e.getCause());
        }
    }

    private void giveUp(FutureTask<?> task, AtomicBoolean cancelled) {
        cancelled.set(true);
        threads.remove(task);
    }

    int waiting() {
        return threads.getQueue().size();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            threads.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        partner.close();
        all.forEach(QuestionSession::close);
    }
}
