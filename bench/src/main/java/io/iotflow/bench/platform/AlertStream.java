package io.iotflow.bench.platform;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.iotflow.bench.load.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The live events of one device's alerts, as a browser gets them, each with the time at which it came. Has a thread.
public final class AlertStream implements AutoCloseable {
    private static final String DATA = "data:";
    private static final ObjectMapper JSON = new ObjectMapper();

    /// @param nanos on the clock of [System#nanoTime]
    private record Seen(long nanos, String data) {}

    private final InputStream events;
    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();

    private AlertStream(InputStream events) {
        this.events = events;
        Thread.ofPlatform().name("alert-stream").daemon().start(this::read);
    }

    public static AlertStream open(PlatformApi api, Device device) throws IOException, InterruptedException {
        return new AlertStream(api.events("/api/v1/stream?types=alert&devices=" + PlatformApi.encode(device.id())));
    }

    private void read() {
        try (var lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(DATA)) seen.add(new Seen(System.nanoTime(), line.substring(DATA.length())));
            }
        } catch (IOException e) {
            // closed; whoever waits gives up
        }
    }

    /// Waits for the alert to be in that state.
    ///
    /// @return when the event came, on the clock of [System#nanoTime]
    public long await(String state, Duration patience) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            var next = seen.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) throw new IOException("no live event said that the alert is " + state);
            if (JSON.readTree(next.data).path("state").asText().equals(state)) return next.nanos;
        }
    }

    @Override
    public void close() throws IOException {
        events.close();
    }
}
