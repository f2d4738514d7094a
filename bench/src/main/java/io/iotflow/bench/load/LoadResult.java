package io.iotflow.bench.load;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/// What a load did. Counts are of the connections' whole lives; rate and latencies only of the measured time.
///
/// @param measured   answers that came in the measured time (messages written, where nothing is answered)
/// @param seconds    the measured time
/// @param unexpected answers to nothing: the other side acknowledged twice, or something never sent
/// @param delivered  messages that subscribers were sent
/// @param broken     connections that failed, never opened again
/// @param refusals   refused messages by code (HTTP status)
/// @param failures   broken connections by reason
/// @param latency    nanoseconds from the intended sending (with a rate) or the real one (with a window)
/// @param lateness   nanoseconds by which the generator itself sent late; only with a rate
public record LoadResult(List<PerDevice> devices, long measured, double seconds, long unexpected, long delivered,
                         int broken, Map<Integer, Long> refusals, Map<String, Long> failures,
                         Histogram latency, Histogram lateness) {

    /// @param firstMicros the earliest measurement time sent, in microseconds since 1970
    /// @param lastMicros  the latest one
    public record PerDevice(Device device, long sent, long acknowledged, long firstMicros, long lastMicros) {

        private static PerDevice sum(PerDevice one, PerDevice other) {
            return new PerDevice(one.device, one.sent + other.sent, one.acknowledged + other.acknowledged,
                    Math.min(one.firstMicros, other.firstMicros), Math.max(one.lastMicros, other.lastMicros));
        }

        /// What each device has sent in several loads.
        public static List<PerDevice> together(List<List<PerDevice>> loads) {
            return List.copyOf(loads.stream().flatMap(List::stream).filter(it -> it.sent > 0)
                    .collect(Collectors.toMap(PerDevice::device, Function.identity(), PerDevice::sum)).values());
        }
    }

    public long sent() {
        return devices.stream().mapToLong(PerDevice::sent).sum();
    }

    public long acknowledged() {
        return devices.stream().mapToLong(PerDevice::acknowledged).sum();
    }

    public long refused() {
        return refusals.values().stream().mapToLong(Long::longValue).sum();
    }

    public double perSecond() {
        return seconds > 0 ? measured / seconds : 0;
    }

    public double latencyMillis(double percentile) {
        return latency.getTotalCount() == 0 ? 0 : latency.getValueAtPercentile(percentile) / 1e6;
    }

    LoadResult plus(LoadResult other) {
        latency.add(other.latency);
        lateness.add(other.lateness);
        return new LoadResult(Stream.concat(devices.stream(), other.devices.stream()).toList(),
                measured + other.measured, Math.max(seconds, other.seconds), unexpected + other.unexpected,
                delivered + other.delivered, broken + other.broken, sum(refusals, other.refusals),
                sum(failures, other.failures), latency, lateness);
    }

    private static <K extends Comparable<K>> Map<K, Long> sum(Map<K, Long> one, Map<K, Long> other) {
        var sum = new TreeMap<>(one);
        other.forEach((key, count) -> sum.merge(key, count, Long::sum));
        return sum;
    }
}
