package io.iotflow.server.firmware;

import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deltas between images, made one after the other on a thread of its own: from the versions before when an image is
/// published, and from others when a device asks that runs one. Each is applied, and what comes of it compared with the
/// image, before it is offered. What waits is in memory only: after a restart devices ask again.
final class Deltas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deltas.class);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private final Database database;
    private final FirmwareConfig config;
    private final Images images;
    private final InstantSource clock;
    private final DeltaStore store = new DeltaStore();
    private final BlockingQueue<Pair> wanted = new ArrayBlockingQueue<>(FirmwareLimits.FIRMWARE_DELTAS_WAITING);
    private final Set<Pair> waiting = ConcurrentHashMap.newKeySet();
    private final Thread worker;
    private volatile boolean isBroken;

    private record Pair(long base, long image) {}

    Deltas(Database database, FirmwareConfig config, Images images, InstantSource clock) {
        this.database = database;
        this.config = config;
        this.images = images;
        this.clock = clock;
        images.onPublished(this::published);
        worker = Thread.ofPlatform().name("firmware-deltas").daemon().priority(Thread.MIN_PRIORITY)
                .unstarted(this::work);
        if (config.deltas()) worker.start();
    }

    /// What the device may get instead of the whole image: if it says that it can apply it and runs the version that it
    /// is made from, and has not failed with this update before. One that is not there yet is made for the next time.
    Optional<Delta> offered(Device device, Update update, Image image) {
        if (!config.deltas() || update.attempts() > 1 || !canApply(device)) return Optional.empty();
        return images.ofVersion(image, device.firmwareVersion()).filter(base -> isWorthATry(base, image))
                .flatMap(base -> find(base.id(), image.id()));
    }

    private static boolean canApply(Device device) {
        return device.capabilities().valueStream().anyMatch(it -> it.asText().equals(Delta.CAPABILITY));
    }

    private static boolean isWorthATry(Image base, Image image) {
        return base.id() != image.id() && base.about().size() <= FirmwareLimits.FIRMWARE_DELTA_IMAGE_BYTES
                && image.about().size() <= FirmwareLimits.FIRMWARE_DELTA_IMAGE_BYTES;
    }

    private Optional<Delta> find(long base, long image) {
        var known = database.transaction(OrganizationPath.ROOT, handle -> store.find(handle, base, image));
        if (known.isEmpty()) want(new Pair(base, image));
        return known.filter(Delta::isUseful);
    }

    /// @throws PlatformException `NOT_FOUND`
    Delta require(long base, long image) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.find(handle, base, image))
                .filter(Delta::isUseful).orElseThrow(Deltas::absent);
    }

    /// Those that make this image, as far as they were tried.
    List<Delta> of(Image image) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.of(handle, image.id()));
    }

    static PlatformException absent() {
        return PlatformException.notFound("delta for the device; download the whole image");
    }

    FileChannel open(Delta delta) throws IOException {
        return images.files().openDelta(delta.base(), delta.image());
    }

    private void published(Image image) {
        if (!config.deltas()) return;
        images.before(image, FirmwareLimits.FIRMWARE_DELTA_BASES).stream().filter(base -> isWorthATry(base, image))
                .forEach(base -> want(new Pair(base.id(), image.id())));
    }

    /// What finds no room is asked for again by the next device.
    private void want(Pair pair) {
        if (isBroken || !waiting.add(pair)) return;
        if (!wanted.offer(pair)) waiting.remove(pair);
    }

    private void work() {
        try {
            while (true) {
                var pair = wanted.take();
                try {
                    make(pair);
                } catch (RuntimeException | IOException e) {
                    LOG.warn("event=firmware_delta_not_made image={} base={} cause=\"{}\"", pair.image(), pair.base(),
                            e.toString());
                } finally {
                    waiting.remove(pair);
                }
            }
        } catch (InterruptedException _) {
            // closed
        } catch (LinkageError e) {
            isBroken = true;
            LOG.warn("event=firmware_deltas_off effect=\"devices get whole images\" cause=\"{}\"", e.toString());
        }
    }

    private void make(Pair pair) throws IOException {
        var known = database.transaction(OrganizationPath.ROOT, handle -> store.find(handle, pair.base(),
                pair.image()));
        if (known.isPresent()) return;
        var image = images.require(OrganizationPath.ROOT, pair.image());
        var files = images.files();
        var part = files.newPart();
        try {
            var base = files.path(pair.base());
            var most = image.about().size() * FirmwareLimits.FIRMWARE_DELTA_PERCENT / 100;
            var isMade = most > 0 && DeltaCodec.make(base, files.path(pair.image()), part, most);
            if (isMade && !DeltaCodec.applied(base, part, image.about().size()).equals(image.sha256())) {
                LOG.error("event=firmware_delta_wrong image={} base={} effect=\"it is not offered\"", pair.image(),
                        pair.base());
                isMade = false;
            }
            if (!isMade) {
                keep(Delta.useless(pair.base(), pair.image()));
                return;
            }
            var delta = new Delta(pair.base(), pair.image(), Files.size(part), files.hash(part));
            if (!isRoomFor(delta)) return;
            files.keepDelta(part, pair.base(), pair.image());
            keep(delta);
        } finally {
            files.discard(part);
        }
    }

    private boolean isRoomFor(Delta delta) {
        return database.transaction(OrganizationPath.ROOT, images::reserved) + delta.size() <= config.diskBytes();
    }

    private void keep(Delta delta) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.insert(handle, delta, clock.instant().truncatedTo(ChronoUnit.MICROS));
            return null;
        });
    }

    /// One that is being made is given up when the process ends.
    @Override
    public void close() {
        if (!config.deltas()) return;
        worker.interrupt();
        try {
            if (!worker.join(LAST_WAIT)) LOG.warn("event=firmware_delta_abandoned");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
