package io.iotflow.server.firmware;

import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What devices say of their updates over MQTT. The lanes hand it over, a thread of its own writes it, many reports in
/// one transaction; what is not written when the platform dies comes again from the log, and then changes nothing
/// twice.
final class FirmwareReports implements Lanes.DeviceListener, Lanes.Durable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FirmwareReports.class);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LOOK_UP = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);
    /// After so many failures together each is tried alone.
    private static final int ATTEMPTS = 20;
    private static final String STATUS = "status";

    private final Updates updates;
    private final ArrayBlockingQueue<Updates.Happening> queue =
            new ArrayBlockingQueue<>(FirmwareLimits.FIRMWARE_REPORTS);
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private final LongAdder malformed = new LongAdder();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean isGivenUp;

    FirmwareReports(Updates updates) {
        this.updates = updates;
        thread = Thread.ofPlatform().name("firmware-reports").start(this::run);
    }

    @Override
    public void on(DeviceEvent event) {
        if (!(event instanceof DeviceEvent.FirmwareReceived said) || !said.word().equals(STATUS)) return;
        UpdateEvent.Reported report;
        try {
            report = Report.of(Json.read(said.text().getBytes(StandardCharsets.UTF_8)));
        } catch (PlatformException _) {
            malformed.increment();
            return;
        }
        submit(new Updates.Happening(said.device(), report, Timestamps.ofMicros(said.receivedMicros()), true));
    }

    private void submit(Updates.Happening happening) {
        submitted.incrementAndGet();
        try {
            while (!queue.offer(happening, LOOK_UP.toNanos(), TimeUnit.NANOSECONDS)) {
                if (isGivenUp || closing.getCount() == 0) throw new IllegalStateException("the platform stops");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public long submitted() {
        return submitted.get();
    }

    @Override
    public long written() {
        return written.get();
    }

    @Override
    public void giveUp() {
        isGivenUp = true;
    }

    /// Reports that were none.
    public long malformed() {
        return malformed.sum();
    }

    private void run() {
        var batch = new ArrayList<Updates.Happening>();
        try {
            while (closing.getCount() > 0 || !queue.isEmpty()) {
                var first = queue.poll(LOOK_UP.toNanos(), TimeUnit.NANOSECONDS);
                if (first == null) continue;
                batch.add(first);
                queue.drainTo(batch, FirmwareLimits.FIRMWARE_AT_ONCE - 1);
                if (!isWritten(batch)) return;
                written.addAndGet(batch.size());
                batch.clear();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// False if the platform stops before they could be.
    private boolean isWritten(List<Updates.Happening> batch) throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try {
                updates.happened(batch);
                return true;
            } catch (RuntimeException e) {
                if (!meansLater(e) || attempt >= ATTEMPTS) return isWrittenOneByOne(batch);
                LOG.warn("event=firmware_reports_wait count={} attempt={} cause=\"{}\"", batch.size(), attempt,
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
            if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
        }
    }

    /// After they could not be written together. What can never be written is dropped, or nothing else would be.
    private boolean isWrittenOneByOne(List<Updates.Happening> batch) throws InterruptedException {
        for (var happening : batch) {
            while (!isWrittenAlone(happening)) {
                if (closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS)) return false;
            }
        }
        return true;
    }

    private boolean isWrittenAlone(Updates.Happening happening) {
        try {
            updates.happened(List.of(happening));
        } catch (RuntimeException e) {
            if (meansLater(e)) return false;
            malformed.increment();
            if (!(e instanceof PlatformException)) {
                LOG.error("event=firmware_report_dropped device={}", happening.device(), e);
            }
        }
        return true;
    }

    /// Whether the same may succeed later.
    private static boolean meansLater(RuntimeException failure) {
        return failure instanceof PlatformException refused && refused.code().status() >= 500;
    }

    /// Writes what was submitted, if the database answers.
    @Override
    public void close() {
        closing.countDown();
        try {
            if (!thread.join(LAST_WAIT)) LOG.warn("event=firmware_reports_abandoned unwritten={}", queue.size());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
