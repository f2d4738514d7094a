package io.iotflow.bench.platform;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Does one thing to many, a bounded number of them at once.
final class Crowd {

    /// What is done to each.
    interface Task<T, R> {
        R apply(T item) throws IOException, InterruptedException;
    }

    private Crowd() {}

    /// The answers in the order of the items; the first failure is thrown.
    static <T, R> List<R> each(List<T> items, int atOnce, Task<T, R> task) throws IOException, InterruptedException {
        try (var executor = Executors.newFixedThreadPool(atOnce, Thread.ofVirtual().factory())) {
            var calls = items.stream().<Callable<R>>map(item -> () -> task.apply(item)).toList();
            return executor.invokeAll(calls).stream().map(future -> {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("BUG: invokeAll returns finished futures", e);
                } catch (ExecutionException e) {
                    throw new Failed(e.getCause());
                }
            }).toList();
        } catch (Failed e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private static final class Failed extends RuntimeException {
        Failed(Throwable cause) {
            super(cause);
        }
    }
}
