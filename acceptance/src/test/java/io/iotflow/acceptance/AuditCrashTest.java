package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No act without an entry and no entry without an act, whenever the platform was killed.
class AuditCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("iotflow.soak") ? 20 : 2;
    private static final Random RANDOM = new Random(Long.getLong("iotflow.seed", 20_260_101));

    @TempDir
    Path folder;

    private final AtomicInteger number = new AtomicInteger();

    @Test
    void whateverWasDoneWhenItWasKilledIsInTheAuditLogAndNothingElse() throws Exception {
        var data = folder.resolve("data");
        var platform = PackagedPlatform.start(data);
        try {
            for (int round = 1; round <= ROUNDS; round++) {
                registerUntilKilled(platform);
                platform = PackagedPlatform.start(data);
                var devices = names(platform, "/api/v1/admin/devices?limit=1000", "devices", "/name");
                var entries = names(platform, "/api/v1/audit?limit=1000&action=device.registered", "entries",
                        "/entry/target/name");
                System.out.println("killed with " + devices.size() + " devices, " + entries.size() + " entries");
                assertThat(entries).as("round " + round).isEqualTo(devices).isNotEmpty();
                verified(platform, entries.size());
            }
            assertThat(platform.terminate()).isIn(0, 143);
        } finally {
            platform.close();
        }
    }

    private void registerUntilKilled(PackagedPlatform platform) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        var done = new AtomicInteger();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    // Few enough for one page.
                    while (done.get() < 400) {
                        platform.register("audited-" + number.incrementAndGet());
                        done.incrementAndGet();
                    }
                } catch (UncheckedIOException | AssertionError _) {
                    // Killed: whether this one was registered, its registration's answer would have told.
                }
            }));
        }
        Await.until("load flows", Duration.ofSeconds(30), () -> done.get() > 20);
        LockSupport.parkNanos(Duration.ofMillis(RANDOM.nextInt(20, 300)).toNanos());
        var tree = platform.processTree();
        platform.kill9();
        for (var thread : threads) assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        Await.until("no process is left", Duration.ofSeconds(30),
                () -> tree.stream().noneMatch(ProcessHandle::isAlive));
    }

    private static Set<String> names(PackagedPlatform platform, String path, String list, String name) {
        var answer = platform.asAdmin(path);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("next_cursor").isNull()).as("all on one page").isTrue();
        var names = new ArrayList<String>();
        answer.json().path(list).forEach(item -> names.add(item.at(name).asText()));
        assertThat(names).doesNotHaveDuplicates();
        return new HashSet<>(names);
    }

    /// With the packaged command.
    private void verified(PackagedPlatform platform, int entries) throws Exception {
        var file = Files.writeString(folder.resolve("export.jsonl"),
                platform.asAdmin("/api/v1/audit/export").body());
        var verify = new ProcessBuilder(List.of(PackagedPlatform.program().toString(), "verify", file.toString()))
                .redirectErrorStream(true).start();
        var said = new String(verify.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(verify.waitFor()).as(said).isZero();
        assertThat(said).contains("INTACT: " + entries + " entries");
    }
}
