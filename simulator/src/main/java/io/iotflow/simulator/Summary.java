package io.iotflow.simulator;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Words and tables for the person at the terminal.
final class Summary {
    /// Lines that somebody still reads.
    private static final int DEVICES_SHOWN = 60;

    private Summary() {}

    /// One line, short enough for a terminal.
    static String line(Progress progress, long acknowledgedPerSecond) {
        var problem = progress.lastProblem().isEmpty() || progress.connected() == progress.devices()
                ? "" : " · " + progress.lastProblem();
        var line = String.format(Locale.ROOT, "%s  %d/%d connected  %,d sent  %,d acknowledged (%,d/s)  %d refused  "
                        + "%d reconnects  ack %s/%s%s", Json.timestamp(progress.simulatedTime()).substring(0, 19),
                progress.connected(), progress.devices(), progress.sent(), progress.acknowledged(),
                acknowledgedPerSecond, progress.refused(), progress.reconnects(),
                millis(progress.latencyMedian()), millis(progress.latency99()), problem);
        return line.length() <= 160 ? line : line.substring(0, 159) + "…";
    }

    static String table(List<DeviceReport> devices, Progress total) {
        var shown = devices.subList(0, Math.min(devices.size(), DEVICES_SHOWN));
        var width = Math.max(6, shown.stream().mapToInt(device -> device.name().length()).max().orElse(0));
        var row = "%-" + width + "s  %-12s %9s %9s %8s %8s %10s %9s %9s%n";
        var text = new StringBuilder(String.format(Locale.ROOT, row, "device", "state", "sent", "acked", "refused",
                "lost", "reconnects", "ack p50", "ack p99"));
        for (var device : shown) {
            text.append(String.format(Locale.ROOT, row, device.name(), device.state(), device.sent(),
                    device.acknowledged(), device.refused(), device.dropped() + device.discarded(),
                    device.reconnects(), millis(device.latencyMedian()), millis(device.latency99())));
        }
        if (devices.size() > shown.size()) {
            text.append(String.format(Locale.ROOT, "… and %d more%n", devices.size() - shown.size()));
        }
        text.append(String.format(Locale.ROOT, row, "all", total.devices() + " devices", total.sent(),
                total.acknowledged(), total.refused(), total.dropped() + total.discarded(), total.reconnects(),
                millis(total.latencyMedian()), millis(total.latency99())));
        var problems = devices.stream().filter(device -> !device.lastProblem().isEmpty())
                .collect(Collectors.groupingBy(DeviceReport::lastProblem, TreeMap::new, Collectors.counting()));
        problems.forEach((problem, count) -> text.append(String.format(Locale.ROOT, "last problem of %d device%s: %s%n",
                count, count == 1 ? "" : "s", problem)));
        return text.toString();
    }

    private static String millis(Duration latency) {
        if (latency.isZero()) return "-";
        var millis = latency.toNanos() / 1e6;
        return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
    }
}
