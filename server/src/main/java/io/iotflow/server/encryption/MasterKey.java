package io.iotflow.server.encryption;

import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What wraps the wrapping key. It stands outside the database, so that whoever has only that has nothing.
sealed interface MasterKey {

    /// A text that only this master key unwraps.
    String wrap(byte[] key);

    /// Empty when another master key has wrapped it.
    ///
    /// @throws CannotStart when it cannot be told
    Optional<byte[]> unwrap(String wrapped);

    /// For messages: where it is.
    String where();

    /// A key that is here, in a file or the environment.
    record Held(String where, Xaes cipher) implements MasterKey {
        private static final String PREFIX = "held:";
        private static final byte[] CONTEXT = "iotflow wrapping key".getBytes(StandardCharsets.UTF_8);

        static Held of(String where, String base64) {
            if (!EncryptionConfig.isKey(base64)) {
                throw new CannotStart(where + " holds no master key: it must be 32 bytes in Base64");
            }
            return new Held(where, new Xaes(Base64.getDecoder().decode(base64.strip())));
        }

        static String random() {
            return Base64.getEncoder().encodeToString(Xaes.random(Xaes.KEY_BYTES));
        }

        @Override
        public String wrap(byte[] key) {
            var wrapped = new byte[key.length + Xaes.OVERHEAD];
            cipher.seal(key, CONTEXT, wrapped, 0);
            return PREFIX + Base64.getEncoder().encodeToString(wrapped);
        }

        @Override
        public Optional<byte[]> unwrap(String wrapped) {
            if (!wrapped.startsWith(PREFIX)) return Optional.empty();
            return cipher.open(Base64.getDecoder().decode(wrapped.substring(PREFIX.length())), 0, CONTEXT);
        }
    }

    /// A program that has it done by whoever keeps the key.
    record Command(Path program, Duration atMost) implements MasterKey {
        private static final String PREFIX = "command:";
        /// An answer, and likewise a complaint, may have as many bytes.
        private static final int ANSWER_BYTES = 16 << 10;

        @Override
        public String where() {
            return "the key command " + program;
        }

        @Override
        public String wrap(byte[] key) {
            return PREFIX + Base64.getEncoder().encodeToString(run("wrap", key));
        }

        @Override
        public Optional<byte[]> unwrap(String wrapped) {
            if (!wrapped.startsWith(PREFIX)) return Optional.empty();
            var key = run("unwrap", Base64.getDecoder().decode(wrapped.substring(PREFIX.length())));
            return key.length == Xaes.KEY_BYTES ? Optional.of(key) : Optional.empty();
        }

        private byte[] run(String what, byte[] input) {
            try {
                var process = new ProcessBuilder(program.toString(), what).start();
                try {
                    return answer(process, what, Base64.getEncoder().encode(input));
                } finally {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
            } catch (IOException e) {
                throw failed(what, "cannot be run: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failed(what, "was interrupted");
            }
        }

        private byte[] answer(Process process, String what, byte[] input) throws InterruptedException {
            var deadline = System.nanoTime() + atMost.toNanos();
            var talk = talking(List.of(
                    () -> {
                        try (var to = process.getOutputStream()) {
                            to.write(input);
                            to.write('\n');
                        } catch (IOException _) {
                            // It may answer without having read all of it.
                        }
                        return new byte[0];
                    },
                    () -> process.getInputStream().readNBytes(ANSWER_BYTES),
                    () -> process.getErrorStream().readNBytes(ANSWER_BYTES)));
            try {
                var answer = talk.get(1).get(left(deadline), TimeUnit.NANOSECONDS);
                var complaint = talk.get(2).get(left(deadline), TimeUnit.NANOSECONDS);
                if (!process.waitFor(left(deadline), TimeUnit.NANOSECONDS)) throw new TimeoutException();
                if (process.exitValue() != 0) {
                    throw failed(what, "ended with " + process.exitValue() + firstLine(complaint));
                }
                // Tools break their Base64 into lines.
                return Base64.getDecoder().decode(new String(answer, StandardCharsets.US_ASCII).replaceAll("\\s", ""));
            } catch (TimeoutException _) {
                throw failed(what, "did not answer within " + atMost.toSeconds() + " s");
            } catch (ExecutionException | IllegalArgumentException _) {
                throw failed(what, "did not answer Base64");
            }
        }

        private static long left(long deadline) {
            return Math.max(0, deadline - System.nanoTime());
        }

        private interface Reading {
            byte[] read() throws IOException;
        }

        private static List<FutureTask<byte[]>> talking(List<Reading> readings) {
            var tasks = new ArrayList<FutureTask<byte[]>>();
            for (var reading : readings) {
                var task = new FutureTask<>(reading::read);
                Thread.startVirtualThread(task);
                tasks.add(task);
            }
            return tasks;
        }

        private static String firstLine(byte[] complaint) {
            return new String(complaint, StandardCharsets.UTF_8).lines().map(String::strip)
                    .filter(line -> !line.isEmpty()).findFirst().map(line -> ": " + line).orElse("");
        }

        private CannotStart failed(String what, String how) {
            return new CannotStart("the key command " + program + " " + what + " " + how
                    + "; try it by hand, see docs/concepts/encryption.md");
        }
    }
}
