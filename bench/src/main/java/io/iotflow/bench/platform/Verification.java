package io.iotflow.bench.platform;

import io.iotflow.bench.load.LoadResult.PerDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Whether every acknowledged point is in the store, device by device. A message in flight when the run ended may be
/// there or not; an acknowledged one must be, and nothing may be there that was not sent.
///
/// @param acknowledged points that must be there
/// @param stored       points that are
/// @param missing      acknowledged points that are not, over the devices that have too few
/// @param surplus      points that were never sent, over the devices that have too many
/// @param examples     the first devices that do not agree, in words
public record Verification(long acknowledged, long stored, long missing, long surplus, List<String> examples) {
    private static final int AT_ONCE = 16;
    private static final int EXAMPLES = 5;
    /// The store follows the log within seconds; a minute is a fault of its own.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private record Counted(PerDevice device, long stored, long least, long most) {
        long missing() {
            return Math.max(0, least - stored);
        }

        long surplus() {
            return Math.max(0, stored - most);
        }
    }

    public boolean holds() {
        return missing == 0 && surplus == 0;
    }

    /// Asks the platform for each device's points.
    public static Verification of(List<PerDevice> devices, int metrics, PlatformApi api)
            throws IOException, InterruptedException {
        var sending = devices.stream().filter(device -> device.sent() > 0).toList();
        var counted = Crowd.each(sending, AT_ONCE, device -> new Counted(device, ask(device, api),
                device.acknowledged() * metrics, device.sent() * metrics));
        return new Verification(
                counted.stream().mapToLong(Counted::least).sum(), counted.stream().mapToLong(Counted::stored).sum(),
                counted.stream().mapToLong(Counted::missing).sum(), counted.stream().mapToLong(Counted::surplus).sum(),
                counted.stream().filter(c -> c.missing() > 0 || c.surplus() > 0).limit(EXAMPLES)
                        .map(c -> c.device.device().name() + " has " + c.stored + " points, not " + c.least + " to "
                                + c.most).toList());
    }

    /// An answer that admits to be stale is asked for again; any other counts at once.
    private static long ask(PerDevice device, PlatformApi api) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var points = api.points(device.device(), device.firstMicros(), device.lastMicros());
            if (points.isPresent()) return points.get();
            LockSupport.parkNanos(100_000_000);
        }
        throw new IOException("the store did not catch up within " + PATIENCE.toSeconds() + " s");
    }
}
