package io.iotflow.server.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;

/// Lets a client send a write again without its being done again: what was answered to a caller's `Idempotency-Key` is
/// answered once more. Answers 5xx and 429 are not kept: the client shall try again.
///
/// Answers may hold keys that are shown once, so they are kept in memory only: a restart forgets them, and so does the
/// pressure of newer ones beyond [Limits#IDEMPOTENCY_KEYS] or [Limits#IDEMPOTENCY_BYTES]. For all threads.
final class Idempotency {
    private static final HeaderName KEY = HeaderNames.create("Idempotency-Key");
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    /// What an answer takes besides its body.
    private static final int OVERHEAD_BYTES = 1_024;

    /// The oldest first.
    private final LinkedHashMap<Use, Kept> kept = new LinkedHashMap<>();
    private long bytes;

    /// A key, as one caller uses it for one route.
    private record Use(String caller, Route route, String key) {}

    /// @param reply null while the request is still being answered
    private record Kept(String request, Instant until, Reply reply) {
        int size() {
            return reply == null ? 0 : OVERHEAD_BYTES + reply.bytes().length;
        }
    }

    /// The handler's answer, or what it answered to the same key before.
    ///
    /// @throws PlatformException `MALFORMED_REQUEST` for a key that is none, `KEY_REUSED` when it came with another
    ///                           request, `IN_PROGRESS` while the first is still being answered
    Reply answer(Request request, Handler handler) throws Exception {
        var key = request.header(KEY);
        if (key.isEmpty() || !request.route().takesIdempotencyKey()) return handler.handle(request);
        var use = new Use(caller(request), request.route(), checked(key.get()));
        var content = digest(String.join("\n", request.parameters()) + "\n" + request.rawQuery(), request.body());
        var earlier = claim(use, content, request.receivedAt());
        if (earlier != null) return earlier.replayed();
        Reply reply = null;
        try {
            reply = handler.handle(request);
        } catch (PlatformException refused) {
            reply = Dispatcher.refused(refused, request.path());
        } finally {
            settle(use, content, request.receivedAt(), reply);
        }
        return reply;
    }

    private static String checked(String key) {
        if (key.isEmpty() || key.length() > Limits.IDEMPOTENCY_KEY_CHARACTERS
                || !key.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw PlatformException.malformed("Idempotency-Key must be 1 to " + Limits.IDEMPOTENCY_KEY_CHARACTERS
                    + " printable ASCII characters.");
        }
        return key;
    }

    /// Who is nobody in particular is known by the address, and by the credential that the route itself takes.
    private static String caller(Request request) {
        var own = request.route().credentialHeader();
        var credential = own == null ? "" : digest(request.header(own).orElse(""), new byte[0]);
        return switch (request.caller()) {
            case Caller.Device device -> "device " + device.id();
            case Caller.User user -> user.kind().word() + " " + user.id();
            case Caller.Anonymous _ -> "address " + request.remoteAddress() + " " + credential;
        };
    }

    /// Bodies are not kept, only what tells one from another.
    private static String digest(String head, byte[] body) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return HexFormat.of().formatHex(digest.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every Java has SHA-256", e);
        }
    }

    /// The earlier answer, or null when there is none: then the use is claimed and MUST be settled.
    private synchronized Reply claim(Use use, String content, Instant now) {
        forgetSurplus(now);
        var earlier = kept.putIfAbsent(use, new Kept(content, now.plus(Limits.IDEMPOTENCY_TIME), null));
        if (earlier == null) return null;
        if (!earlier.request.equals(content)) {
            throw new PlatformException(ErrorCode.KEY_REUSED, "This Idempotency-Key came with another request before.");
        }
        if (earlier.reply == null) {
            throw PlatformException.retryLater(ErrorCode.IN_PROGRESS,
                    "The request with this Idempotency-Key is still being answered.", RETRY_AFTER);
        }
        return earlier.reply;
    }

    private synchronized void settle(Use use, String content, Instant now, Reply reply) {
        kept.remove(use);
        if (reply == null || reply.bytes() == null || reply.status() >= 500 || reply.status() == 429) return;
        var answered = new Kept(content, now.plus(Limits.IDEMPOTENCY_TIME), reply);
        kept.put(use, answered);
        bytes += answered.size();
        forgetSurplus(now);
    }

    /// Those being answered stay; there are no more of them than requests at one time.
    private void forgetSurplus(Instant now) {
        for (var entries = kept.values().iterator(); entries.hasNext(); ) {
            var oldest = entries.next();
            if (oldest.reply == null) continue;
            if (kept.size() <= Limits.IDEMPOTENCY_KEYS && bytes <= Limits.IDEMPOTENCY_BYTES
                    && oldest.until.isAfter(now)) return;
            entries.remove();
            bytes -= oldest.size();
        }
    }
}
