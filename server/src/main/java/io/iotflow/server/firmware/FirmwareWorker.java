package io.iotflow.server.firmware;

import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Worker;
import io.iotflow.server.device.DeviceRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells devices what is new, ends what takes too long, takes for installed what devices really run, and clears up
/// after forsaken uploads; on a thread of its own. All of it stands in the database, so a restart goes on with it.
final class FirmwareWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FirmwareWorker.class);
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration CLEAR_EVERY = Duration.ofMinutes(10);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private final Images images;
    private final Updates updates;
    private final DeviceRegistry devices;
    private final Deltas deltas;
    private final FirmwareChannel channel;
    private final InstantSource clock;
    private final Worker worker;
    private Instant cleared;
    private long reconciled = System.nanoTime() - REST.toNanos();

    FirmwareWorker(Database database, DeviceRegistry devices, Images images, Updates updates, Deltas deltas,
            FirmwareChannel channel, InstantSource clock) {
        this.images = images;
        this.devices = devices;
        this.deltas = deltas;
        this.updates = updates;
        this.channel = channel;
        this.clock = clock;
        cleared = clock.instant();
        worker = new Worker(database, OpenUpdates.CHANNEL, "firmware", RETRY, this::pass);
        updates.onChange(event -> {
            if (event.update().isUntold()) worker.wake();
        });
        worker.start();
    }

    private Duration pass() {
        while (!worker.isClosing() && tell()) { } // there may be more
        if (worker.isClosing() || System.nanoTime() - reconciled < REST.toNanos()) return REST;
        // However often it is woken.
        if (updates.reconcile() >= FirmwareLimits.FIRMWARE_AT_ONCE) return Duration.ZERO;
        reconciled = System.nanoTime();
        if (!clock.instant().isBefore(cleared.plus(CLEAR_EVERY))) {
            cleared = clock.instant();
            forget();
        }
        return REST;
    }

    private void forget() {
        try {
            images.forgetForsaken();
        } catch (IOException e) {
            LOG.warn("event=firmware_not_cleared cause=\"{}\"", e.toString());
        }
    }

    /// @return whether there was anything to be told
    private boolean tell() {
        var untold = updates.untold();
        Map<Long, Image> known = new HashMap<>();
        for (var update : untold) {
            if (worker.isClosing()) return false;
            if (!update.state().isOpen()) {
                channel.clear(update.device());
                channel.attributes(update.device(), ThingsBoardFirmware.gone());
            } else if (update.state() == UpdateState.OFFERED) {
                offer(update, known);
            }
        }
        if (!untold.isEmpty()) updates.told(untold);
        return !untold.isEmpty();
    }

    private void offer(Update update, Map<Long, Image> known) {
        try {
            var image = known.computeIfAbsent(update.image(), id -> images.require(OrganizationPath.ROOT, id));
            var delta = devices.find(update.device()).flatMap(device -> deltas.offered(device, update, image));
            channel.offer(update.device(), Offers.offer(update, image, delta).toString()
                    .getBytes(StandardCharsets.UTF_8));
            channel.attributes(update.device(), ThingsBoardFirmware.offered(image));
            updates.announceOffer(update);
        } catch (PlatformException e) {
            LOG.warn("event=firmware_not_offered device={} cause=\"{}\"", update.device(), e.getMessage());
        }
    }

    /// Ends after what is being done.
    @Override
    public void close() {
        if (!worker.close(LAST_WAIT)) LOG.warn("event=firmware_worker_abandoned");
    }
}
