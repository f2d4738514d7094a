package io.iotflow.server.access;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Passwords as Argon2id, in the usual form `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
///
/// A hash takes 19 MiB and some tens of milliseconds on purpose, so only a few are made at once and only a few more
/// wait: a flood of sign-ins is answered 503 and takes neither the memory nor the requests of others. Hashing has
/// threads of its own, because on a request's virtual thread it would keep a processor from all other requests; they
/// end when nobody signs in.
final class Passwords {
    private static final int MEMORY_KIB = 19 << 10;
    private static final int PASSES = 2;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final String PREFIX = "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=1$";
    private static final Pattern FORM =
            Pattern.compile("\\$argon2id\\$v=19\\$m=(\\d+),t=(\\d+),p=1\\$([^$]+)\\$([^$]+)");
    /// Costs what any other costs, and no password has it: for users that are not there.
    static final String NOBODYS = PREFIX + "A".repeat(22) + "$" + "A".repeat(43);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(2);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ThreadPoolExecutor hashings = hashings();

    /// @throws PlatformException `INVALID` when it is too short, too long or the user's name
    static void check(String field, String password, String userName) {
        if (password.length() < Limits.PASSWORD_SHORTEST || password.length() > Limits.PASSWORD_LONGEST) {
            throw PlatformException.invalid(field, "must have " + Limits.PASSWORD_SHORTEST + " to "
                    + Limits.PASSWORD_LONGEST + " characters");
        }
        if (password.equalsIgnoreCase(userName)) throw PlatformException.invalid(field, "must not be the user's name");
    }

    String hash(String password) {
        var salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        var base64 = Base64.getEncoder().withoutPadding();
        return PREFIX + base64.encodeToString(salt) + "$"
                + base64.encodeToString(argon2id(password, salt, MEMORY_KIB, PASSES, HASH_BYTES));
    }

    /// Takes as long for a wrong password as for a right one.
    boolean matches(String password, String encoded) {
        var parts = FORM.matcher(encoded);
        if (!parts.matches()) throw new IllegalStateException("BUG: not the hash of a password");
        var wanted = Base64.getDecoder().decode(parts.group(4));
        var text = password.length() > Limits.PASSWORD_LONGEST ? "" : password;
        return MessageDigest.isEqual(wanted, argon2id(text, Base64.getDecoder().decode(parts.group(3)),
                Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), wanted.length));
    }

    private byte[] argon2id(String password, byte[] salt, int memory, int passes, int length) {
        try {
            return hashings.submit(() -> {
                var argon2 = new Argon2BytesGenerator();
                argon2.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13).withMemoryAsKB(memory).withIterations(passes)
                        .withParallelism(1).withSalt(salt).build());
                var hash = new byte[length];
                argon2.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
                return hash;
            }).get();
        } catch (RejectedExecutionException e) {
            throw overloaded();
        } catch (ExecutionException e) {
            throw new IllegalStateException("hashing a password failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw overloaded();
        }
    }

    private static ThreadPoolExecutor hashings() {
        var threads = Thread.ofPlatform().name("passwords-", 1).daemon().priority(Thread.MIN_PRIORITY).factory();
        var executor = new ThreadPoolExecutor(Limits.PASSWORD_HASHINGS, Limits.PASSWORD_HASHINGS, 10, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(Limits.PASSWORD_WAITING), threads);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static PlatformException overloaded() {
        return PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many people are signing in.", TRY_AGAIN);
    }
}
