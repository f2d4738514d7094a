package io.iotflow.server.shadow;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Requests that wait for what the device's lane makes of their message. The message carries a number, which is
/// nobody's any more after a restart.
final class Waiting {
    private static final String WORD = "http/";

    private final Map<String, CompletableFuture<Shadow>> tickets = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /// One message that is waited for.
    final class Ticket implements AutoCloseable {
        private final String word = WORD + Long.toHexString(random.nextLong());
        private final CompletableFuture<Shadow> answer = new CompletableFuture<>();

        private Ticket() {
            tickets.put(word, answer);
        }

        /// What the message is called in the log.
        String word() {
            return word;
        }

        /// @throws PlatformException what the message was refused with, or that the lane is far behind
        Shadow await() throws InterruptedException {
            try {
                return answer.get(ShadowLimits.SHADOW_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof PlatformException refused) throw refused;
                throw new IllegalStateException("BUG: a shadow update failed", e.getCause());
            } catch (TimeoutException _) {
                throw PlatformException.retryLater(ErrorCode.OVERLOADED,
                        "The update is kept and will be looked at; read the shadow a little later.",
                        Duration.ofSeconds(1));
            }
        }

        @Override
        public void close() {
            tickets.remove(word);
        }
    }

    Ticket ticket() {
        return new Ticket();
    }

    void done(String word, Shadow shadow) {
        var answer = tickets.get(word);
        if (answer != null) answer.complete(shadow);
    }

    void refused(String word, PlatformException why) {
        var answer = tickets.get(word);
        if (answer != null) answer.completeExceptionally(why);
    }
}
