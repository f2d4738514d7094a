package io.iotflow.bench.platform;

import io.iotflow.bench.load.LoadResult.PerDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Whether every acknowledged update is in its device's shadow, once: the reported half counts its changes.
///
/// @param applied  updates that are
/// @param missing  acknowledged updates that are not, over the devices that have too few
/// @param surplus  updates that were never sent, over the devices that have too many
/// @param examples the first devices that do not agree, in words
public record ShadowCheck(long applied, long missing, long surplus, List<String> examples) {
    private static final int AT_ONCE = 16;
    private static final int EXAMPLES = 5;
    /// Shadows follow the log at once; a minute is a fault of its own.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private record Counted(PerDevice device, long applied) {
        boolean isRight() {
            return applied >= device.acknowledged() && applied <= device.sent();
        }
    }

    public boolean holds() {
        return missing == 0 && surplus == 0;
    }

    /// Asks for the shadow of each device that has sent anything.
    public static ShadowCheck of(List<PerDevice> devices, PlatformApi api) throws IOException, InterruptedException {
        var sending = devices.stream().filter(device -> device.sent() > 0).toList();
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        var counted = Crowd.each(sending, AT_ONCE, device -> ask(device, api, deadline));
        return new ShadowCheck(counted.stream().mapToLong(Counted::applied).sum(),
                counted.stream().mapToLong(it -> Math.max(0, it.device.acknowledged() - it.applied)).sum(),
                counted.stream().mapToLong(it -> Math.max(0, it.applied - it.device.sent())).sum(),
                counted.stream().filter(it -> !it.isRight()).limit(EXAMPLES).map(it -> it.device.device().name()
                        + " was updated " + it.applied + " times, not " + it.device.acknowledged() + " to "
                        + it.device.sent()).toList());
    }

    private static Counted ask(PerDevice device, PlatformApi api, long deadline)
            throws IOException, InterruptedException {
        while (true) {
            var shadow = api.get("/api/v1/devices/" + PlatformApi.encode(device.device().id()) + "/shadow");
            var counted = new Counted(device, shadow.path("reported_version").asLong());
            if (counted.applied >= device.acknowledged() || System.nanoTime() > deadline) return counted;
            LockSupport.parkNanos(10_000_000);
        }
    }
}
