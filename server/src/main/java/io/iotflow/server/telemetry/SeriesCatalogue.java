package io.iotflow.server.telemetry;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.telemetry.SeriesVerdict.Accepted;
import io.iotflow.server.telemetry.SeriesVerdict.TooManySeries;
import io.iotflow.server.telemetry.SeriesVerdict.TypeConflict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Which metrics every device has, their types and latest values, in memory.
///
/// [#check] is for many threads at once and takes no lock for a known series. [#observe] is for one thread per device.
/// A series is known from its first check on and on disk from its first commit on; one that was checked but never
/// committed is forgotten at the next start.
public final class SeriesCatalogue {
    private static final SeriesVerdict ACCEPTED = new Accepted();
    private static final SeriesVerdict IS_NUMBER = new TypeConflict(Value.Type.NUMBER);
    private static final SeriesVerdict IS_BOOLEAN = new TypeConflict(Value.Type.BOOLEAN);
    private static final SeriesVerdict IS_TEXT = new TypeConflict(Value.Type.TEXT);
    private static final SeriesVerdict TOO_MANY_OF_DEVICE = new TooManySeries(Limits.SERIES_PER_DEVICE);

    private final ConcurrentHashMap<DeviceId, DeviceSeries> devices = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, String> names = new ConcurrentHashMap<>();
    private final LongAdder seriesCount = new LongAdder();
    private final LatestSource source;
    private final int namesAtMost;

    /// Reads the latest values of a device from disk.
    interface LatestSource {
        List<Latest> latest(DeviceId device);
    }

    SeriesCatalogue(LatestSource source, int namesAtMost) {
        this.source = source;
        this.namesAtMost = namesAtMost;
    }

    /// Whether a measurement of this type may be taken. A new series is claimed by its first check: the first type
    /// that asks is kept. Ask for the types of a message only after everything else about it was found good.
    public SeriesVerdict check(DeviceId device, String metric, Value.Type type) {
        var series = devices.get(device);
        if (series != null) {
            var kept = series.typeOf(metric);
            if (kept != null) return kept == type ? ACCEPTED : conflict(kept);
        }
        return claim(device, metric, type);
    }

    private static SeriesVerdict conflict(Value.Type kept) {
        return switch (kept) {
            case NUMBER -> IS_NUMBER;
            case BOOLEAN -> IS_BOOLEAN;
            case TEXT -> IS_TEXT;
        };
    }

    private SeriesVerdict claim(DeviceId device, String metric, Value.Type type) {
        var series = seriesOf(device, true);
        synchronized (series) {
            var kept = series.typeOf(metric);
            if (kept != null) return kept == type ? ACCEPTED : conflict(kept);
            if (series.size() >= Limits.SERIES_PER_DEVICE) return TOO_MANY_OF_DEVICE;
            if (names.size() >= namesAtMost && !names.containsKey(metric)) return new TooManySeries(namesAtMost);
            add(series, metric, type, 0);
        }
        return ACCEPTED;
    }

    /// @param kept how it is on disk: see [DeviceSeries]; 0 if it is not yet
    private void add(DeviceSeries series, String metric, Value.Type type, int kept) {
        var known = names.putIfAbsent(metric, metric);
        if (series.add(known == null ? metric : known, type, kept)) seriesCount.increment();
    }

    /// Says that a measurement was committed. Late ones do not replace newer ones.
    public void observe(DeviceId device, Measurement measurement) {
        var series = devices.get(device);
        if (series == null || series.typeOf(measurement.metric()) == null) {
            series = admit(device, measurement.metric(), measurement.value().type());
        }
        series.observe(measurement.metric(), measurement.timeMicros(), measurement.value());
    }

    /// The latest values of a device, by metric name. The first question about a device after a start reads the store.
    public List<Latest> latest(DeviceId device) {
        var series = devices.get(device);
        if (series == null) return List.of();
        while (!series.filled()) {
            var generation = series.generation();
            series.fill(source.latest(device), generation);
        }
        return series.latest();
    }

    /// The latest value of one metric, from memory alone. Where [#isRead] says no, it knows only what came since this
    /// start.
    public Optional<Latest> latest(DeviceId device, String metric) {
        var series = devices.get(device);
        return series == null ? Optional.empty() : series.latest(metric);
    }

    /// Whether the latest values of a device are all in memory. [#latest(DeviceId)] brings them there.
    public boolean isRead(DeviceId device) {
        var series = devices.get(device);
        return series == null || series.filled();
    }

    /// The metrics of a device, by name.
    public List<Series> series(DeviceId device) {
        var series = devices.get(device);
        return series == null ? List.of() : series.series();
    }

    /// The names of all metrics that some of these devices have, in their order: the first of them.
    ///
    /// @param devices all when empty; of many, the first [Limits#LANGUAGE_DEVICES] are asked
    public List<String> names(Optional<List<DeviceId>> devices, int atMost) {
        var found = new TreeSet<String>();
        if (devices.isEmpty()) found.addAll(names.keySet());
        else {
            for (var device : devices.get().subList(0, Math.min(devices.get().size(), Limits.LANGUAGE_DEVICES))) {
                for (var it : series(device)) found.add(it.metric());
            }
        }
        return found.stream().limit(atMost).toList();
    }

    /// How many devices have a series.
    public int deviceCount() {
        return devices.size();
    }

    public long seriesCount() {
        return seriesCount.sum();
    }

    /// The type a metric of a device has kept, or null.
    public Value.Type typeOf(DeviceId device, String metric) {
        var series = devices.get(device);
        return series == null ? null : series.typeOf(metric);
    }

    /// A series that is on disk.
    void load(DeviceId device, String metric, byte code) {
        add(seriesOf(device, false), metric, DeviceSeries.typeOf(code), DeviceSeries.keptOf(code));
    }

    /// The metrics of a device that have sealed values.
    Set<String> sealed(DeviceId device) {
        return kept(device, DeviceSeries.SEALED);
    }

    /// The metrics of a device that have values as they came.
    Set<String> clear(DeviceId device) {
        return kept(device, DeviceSeries.CLEAR);
    }

    private Set<String> kept(DeviceId device, int kept) {
        var series = devices.get(device);
        return series == null ? Set.of() : series.kept(kept);
    }

    /// The device's series, with this metric among them whatever the limits say: what is in the log was accepted.
    DeviceSeries admit(DeviceId device, String metric, Value.Type type) {
        var series = seriesOf(device, true);
        if (series.typeOf(metric) == null) add(series, metric, type, 0);
        return series;
    }

    /// The shared instance of a metric's name.
    String name(String metric) {
        return names.getOrDefault(metric, metric);
    }

    void forgetLatest(DeviceId device) {
        var series = devices.get(device);
        if (series != null) series.forgetLatest();
    }

    void forgetLatestBefore(long timeMicros) {
        for (var series : devices.values()) series.forgetLatestBefore(timeMicros);
    }

    /// @param isNew whether a device that is not known yet has nothing on disk
    private DeviceSeries seriesOf(DeviceId device, boolean isNew) {
        var known = devices.get(device);
        if (known != null) return known;
        return devices.computeIfAbsent(device, id -> new DeviceSeries(Long.toString(id.value()), isNew));
    }
}
