package io.iotflow.server.firmware;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.Lanes;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Firmware in pieces, for devices that have nothing but MQTT: a message on `…/firmware/request/{update}/{chunk}`,
/// whose text is the size of a chunk, is answered on `…/firmware/response/{update}/{chunk}` with the bytes, and with
/// nothing beyond the end; `…/{update}/delta/{chunk}` are pieces of the delta. Devices made for ThingsBoard say `v2/`
/// and a number of their own instead of the update's, and mean the one that is open. Each request is answered by a
/// virtual thread; beyond the limit it is dropped, and the device asks again.
final class Chunks implements Lanes.DeviceListener {
    private static final Logger LOG = LoggerFactory.getLogger(Chunks.class);
    private static final Pattern PLACE =
            Pattern.compile("request/(v2/[0-9]{1,10}|[1-9][0-9]{0,17})/(delta/)?([0-9]{1,9})");
    private static final String ANY = "v2/";
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,8}");

    private final DeviceRegistry devices;
    private final Images images;
    private final Deltas deltas;
    private final Updates updates;
    private final Downloads downloads;
    private final Semaphore atOnce = new Semaphore(FirmwareLimits.FIRMWARE_CHUNKS_AT_ONCE);
    private final LongAdder dropped = new LongAdder();
    private volatile FirmwareChannel channel;

    Chunks(DeviceRegistry devices, Images images, Updates updates, Deltas deltas, Downloads downloads) {
        this.devices = devices;
        this.deltas = deltas;
        this.images = images;
        this.updates = updates;
        this.downloads = downloads;
    }

    void answerThrough(FirmwareChannel that) {
        channel = that;
    }

    @Override
    public void on(DeviceEvent event) {
        if (!(event instanceof DeviceEvent.FirmwareReceived said)) return;
        var place = PLACE.matcher(said.word());
        var size = said.text().strip();
        if (!place.matches() || !size.isEmpty() && !SIZE.matcher(size).matches() || channel == null) return;
        if (!atOnce.tryAcquire()) {
            dropped.increment();
            return;
        }
        var bytes = size.isEmpty() ? FirmwareLimits.FIRMWARE_CHUNK_BYTES
                : (int) Math.min(FirmwareLimits.FIRMWARE_LARGEST_CHUNK_BYTES, Long.parseLong(size));
        Thread.startVirtualThread(() -> {
            try {
                answer(said.device(), place.group(1), place.group(2) != null, Long.parseLong(place.group(3)),
                        bytes);
            } finally {
                atOnce.release();
            }
        });
    }

    private void answer(DeviceId device, String number, boolean isDelta, long chunk, int bytes) {
        try {
            var offered = updates.offered(device).filter(it -> number.startsWith(ANY)
                    || number.equals(Long.toString(it.update().id())));
            if (offered.isEmpty()) return;
            var update = offered.get().update();
            var image = offered.get().image();
            var content = isDelta ? Downloads.Content.of(deltas, devices.find(device).flatMap(it ->
                    deltas.offered(it, update, image)).orElseThrow(Deltas::absent))
                    : Downloads.Content.of(images, image);
            UpdateRoutes.begun(updates, update);
            channel.chunk(device, number + (isDelta ? "/delta/" : "/") + chunk,
                    downloads.chunk(content, chunk * bytes, bytes));
        } catch (PlatformException | IOException e) {
            LOG.warn("event=firmware_chunk_not_sent device={} cause=\"{}\"", device, e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Requests for which there was no room.
    public long dropped() {
        return dropped.sum();
    }
}
