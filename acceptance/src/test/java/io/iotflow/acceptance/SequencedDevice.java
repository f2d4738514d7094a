package io.iotflow.acceptance;

import io.iotflow.acceptance.PackagedPlatform.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// A device that numbers its messages and remembers which of them the platform has acknowledged. A message has its own
/// time, one millisecond after the one before. What was sent and not acknowledged is sent again on the next connection,
/// as it was, as a device does that keeps its outbox.
final class SequencedDevice {
    /// Messages on their way at the same time.
    private static final int WINDOW = 8;
    /// Packet ids go round; far more than are on their way.
    private static final int PACKET_IDS = 60_000;

    private final Device device;
    private final long firstMillis;
    private final boolean overHttp;
    private final BitSet acknowledged = new BitSet();
    private int next;
    private volatile boolean stopping;

    SequencedDevice(Device device, long firstMillis, boolean overHttp) {
        this.device = device;
        this.firstMillis = firstMillis;
        this.overHttp = overHttp;
    }

    Device device() {
        return device;
    }

    long millisOf(int number) {
        return firstMillis + number;
    }

    /// How many different messages were sent, acknowledged or not.
    synchronized int sent() {
        return next;
    }

    synchronized BitSet acknowledged() {
        return (BitSet) acknowledged.clone();
    }

    private synchronized void acknowledge(int number) {
        acknowledged.set(number);
    }

    private synchronized int takeNext() {
        return next++;
    }

    private synchronized ArrayDeque<Integer> unacknowledged() {
        var open = new ArrayDeque<Integer>();
        for (int i = acknowledged.nextClearBit(0); i < next; i = acknowledged.nextClearBit(i + 1)) open.add(i);
        return open;
    }

    /// Sends until it is told to stop, or the connection breaks, which is how a killed platform looks from here.
    Thread sendTo(PackagedPlatform platform) {
        stopping = false;
        return Thread.ofVirtual().name("device-" + device.name()).start(() -> {
            try {
                if (overHttp) sendOverHttp(platform);
                else sendOverMqtt(platform);
            } catch (IOException | UncheckedIOException _) {
                // the platform is gone
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    void stop() {
        stopping = true;
    }

    private byte[] payload(int number) {
        return ("{\"ts\":" + millisOf(number) + ",\"values\":{\"seq\":" + number + ",\"half\":" + number / 2.0 + "}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void sendOverHttp(PackagedPlatform platform) {
        var again = unacknowledged();
        while (!stopping) {
            int number = again.isEmpty() ? takeNext() : again.remove();
            var answer = platform.as(device, "POST", "/api/v1/devices/telemetry",
                    new String(payload(number), StandardCharsets.UTF_8));
            if (answer.status() == 201) acknowledge(number);
            else if (answer.status() == 503) again.add(number);
            else throw new AssertionError(answer);
        }
    }

    private void sendOverMqtt(PackagedPlatform platform) throws IOException, InterruptedException {
        var again = unacknowledged();
        var window = new Semaphore(WINDOW);
        var onTheirWay = new ConcurrentHashMap<Integer, Integer>();
        try (var mqtt = RawMqtt.connect(platform.mqttPort(), device.name(), device.name(), device.key())) {
            var reader = Thread.ofVirtual().start(() -> readAcknowledgements(mqtt, onTheirWay, window));
            for (int id = 1; !stopping && reader.isAlive(); id = id % PACKET_IDS + 1) {
                if (!window.tryAcquire(1, TimeUnit.SECONDS)) continue;
                int number = again.isEmpty() ? takeNext() : again.remove();
                onTheirWay.put(id, number);
                mqtt.write(RawMqtt.publish("devices/" + device.name() + "/telemetry", payload(number), id));
            }
            // What is on its way when it stops is acknowledged too, unless the platform has died.
            if (stopping) window.tryAcquire(WINDOW, 20, TimeUnit.SECONDS);
        }
    }

    private void readAcknowledgements(RawMqtt mqtt, ConcurrentHashMap<Integer, Integer> onTheirWay, Semaphore window) {
        try {
            while (true) {
                var packet = mqtt.read();
                if (packet.type() != RawMqtt.PUBACK) continue;
                var number = onTheirWay.remove(packet.number(0));
                if (number == null) throw new AssertionError("acknowledged twice: packet " + packet.number(0));
                acknowledge(number);
                window.release();
            }
        } catch (IOException _) {
            // the connection has ended
        }
    }
}
