package io.iotflow.server.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.journal.JournalConfig.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgettingTest {
    private static final JournalConfig SMALL = new JournalConfig(Durability.OS, 2, 12, 2);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SECRET = "planted text that must go";

    @TempDir
    Path folder;

    @Test
    void noFileHoldsWhatWasForgottenAndTheLogGoesOn() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            append(journal, SECRET);
            assertThat(filesWith(SECRET)).isNotEmpty();
            assertThat(journal.forget(journal::committed, PATIENCE)).isTrue();
            assertThat(filesWith(SECRET)).isEmpty();
            append(journal, "after");
            assertThat(texts(journal, 0)).containsExactly("after");
        }
        try (var journal = Journal.open(SMALL, folder)) {
            assertThat(texts(journal, 0)).containsExactly("after");
        }
    }

    @Test
    void leftoversInFilesThatAreUsedAgainGoToo() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            // Several rounds through the same files, so that old records stand in spares and behind the current end.
            for (int i = 0; i < 400; i++) journal.trim(append(journal, SECRET + "x".repeat(30_000)));
            assertThat(filesWith(SECRET)).hasSizeGreaterThan(1);
            assertThat(journal.forget(journal::committed, PATIENCE)).isTrue();
            assertThat(filesWith(SECRET)).isEmpty();
        }
    }

    @Test
    void sparesOfAnEarlierRunAreNotTrusted() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            for (int i = 0; i < 200; i++) journal.trim(append(journal, SECRET + "x".repeat(30_000)));
        }
        try (var journal = Journal.open(SMALL, folder)) {
            assertThat(journal.forget(journal::committed, PATIENCE)).isTrue();
            assertThat(filesWith(SECRET)).isEmpty();
        }
    }

    @Test
    void saysSoWhenAFollowerHasNotPassedInTimeAndForgetsWhenItHas() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            append(journal, SECRET);
            var follower = new AtomicLong();
            assertThat(journal.forget(follower::get, Duration.ofMillis(300))).isFalse();
            assertThat(texts(journal, 0)).containsExactly(SECRET);
            journal.trim(journal.committed());
            assertThat(filesWith(SECRET)).isEmpty();
        }
    }

    @Test
    void losesNothingOfWhatArrivesMeanwhile() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            var stop = new AtomicBoolean();
            var last = new AtomicLong();
            var passed = new AtomicLong();
            var writer = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    var n = last.get() + 1;
                    var bytes = ByteBuffer.allocate(4_000).putLong(0, n);
                    if (journal.append(bytes) != Journal.FULL) last.set(n);
                }
            });
            var seen = new ArrayList<Long>();
            var reading = Thread.ofPlatform().start(() -> {
                var reader = journal.reader(0);
                while (writer.isAlive() || passed.get() < journal.appended()) {
                    while (reader.next()) seen.add(reader.payload().getLong(0));
                    passed.set(reader.position());
                    journal.trim(passed.get());
                }
            });
            for (int i = 0; i < 5; i++) assertThat(journal.forget(passed::get, PATIENCE)).isTrue();
            stop.set(true);
            writer.join();
            reading.join();
            assertThat(seen).hasSize((int) last.get()).isSorted().doesNotHaveDuplicates();
            assertThat(journal.damagedBytes()).isZero();
        }
    }

    @Test
    void aWakeBetweenLookingAndWaitingIsNotMissed() throws Exception {
        try (var journal = Journal.open(SMALL, folder)) {
            var reader = journal.reader(0);
            assertThat(reader.next()).isFalse();
            journal.wakeReaders();
            var began = System.nanoTime();
            assertThat(reader.await(Duration.ofSeconds(30))).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        }
    }

    private static long append(Journal journal, String text) throws InterruptedException {
        long position;
        do {
            position = journal.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        } while (position == Journal.FULL);
        journal.awaitCommitted(position);
        return position;
    }

    private static List<String> texts(Journal journal, long from) {
        var found = new ArrayList<String>();
        for (var reader = journal.reader(from); reader.next(); ) {
            found.add(StandardCharsets.UTF_8.decode(reader.payload()).toString());
        }
        return found;
    }

    private List<Path> filesWith(String text) throws IOException {
        var found = new ArrayList<Path>();
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                try {
                    if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) found.add(file);
                } catch (NoSuchFileException _) {
                    // a spare was given its new name meanwhile
                }
            }
        }
        return found;
    }
}
