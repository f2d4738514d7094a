package io.iotflow.server.geo;

import io.iotflow.protocol.Timestamps;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.telemetry.Latest;
import io.iotflow.server.telemetry.SealedValues;
import io.iotflow.server.telemetry.SeriesCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Where devices are: by the latest values of their metrics, else by their metadata. All of it comes from memory. After
/// a start a device's latest values are read from the store when they are first asked for; a question about many
/// devices waits for that a little, and says if it was not enough.
public final class Positions {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final SeriesCatalogue series;
    private final Statuses statuses;
    private final SealedValues sealed;
    private final LocatedMetadata metadata;
    private Thread reading = Thread.ofVirtual().unstarted(() -> {});

    enum Source {
        TELEMETRY, METADATA;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param at when it was measured; empty for what metadata say
    record Place(Area.Point point, Optional<Instant> at, Source source) {}

    record Located(Statuses.Line device, Place place) {}

    /// @param isComplete false while the store is still being read
    record Fleet(List<Located> devices, boolean isComplete) {}

    public Positions(SeriesCatalogue series, Statuses statuses, SealedValues sealed, Database database,
            DeviceRegistry devices) {
        this.series = series;
        this.statuses = statuses;
        this.sealed = sealed;
        this.metadata = new LocatedMetadata(database, devices);
    }

    /// @param opens whether sealed values may be seen; without it they count as not there
    Optional<Place> of(DeviceId device, boolean opens) {
        metadata.refresh();
        if (!series.isRead(device)) series.latest(device);
        return place(device, opens);
    }

    /// All devices of an organization and those below whose position is known.
    Fleet fleet(OrganizationPath scope, boolean opens) {
        metadata.refresh();
        var lines = statuses.within(scope);
        var isComplete = read(lines.stream().map(Statuses.Line::id).filter(this::isUnread).toList());
        var found = new ArrayList<Located>();
        for (var line : lines) place(line.id(), opens).ifPresent(place -> found.add(new Located(line, place)));
        return new Fleet(found, isComplete);
    }

    private boolean isUnread(DeviceId device) {
        return !series.isRead(device) && Coordinates.ALL.stream().anyMatch(names -> has(device, names));
    }

    /// @return whether all of them are read
    private boolean read(List<DeviceId> devices) {
        if (devices.isEmpty()) return true;
        Thread thread;
        synchronized (this) {
            if (!reading.isAlive()) {
                reading = Thread.ofVirtual().name("positions").start(() -> devices.forEach(series::latest));
            }
            thread = reading;
        }
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return devices.stream().allMatch(series::isRead);
    }

    private boolean has(DeviceId device, Coordinates names) {
        return series.typeOf(device, names.latitude()) == Value.Type.NUMBER
                && series.typeOf(device, names.longitude()) == Value.Type.NUMBER;
    }

    /// The metrics that a device's position may be in, the most likely first.
    List<Coordinates> metrics(DeviceId device) {
        return Coordinates.ALL.stream().filter(names -> has(device, names)).toList();
    }

    private Optional<Place> place(DeviceId device, boolean opens) {
        for (var names : Coordinates.ALL) {
            if (!has(device, names)) continue;
            var latitude = series.latest(device, names.latitude());
            var longitude = series.latest(device, names.longitude());
            if (latitude.isEmpty() || longitude.isEmpty()) continue;
            var down = number(device, latitude.get(), opens);
            var across = number(device, longitude.get(), opens);
            if (!Area.isPlace(down, across)) continue;
            var time = Math.min(latitude.get().timeMicros(), longitude.get().timeMicros());
            return Optional.of(new Place(new Area.Point(down, across), Optional.of(Timestamps.ofMicros(time)),
                    Source.TELEMETRY));
        }
        return metadata.of(device).map(point -> new Place(point, Optional.empty(), Source.METADATA));
    }

    private double number(DeviceId device, Latest latest, boolean opens) {
        return number(device, latest.metric(), latest.timeMicros(), latest.value(), opens);
    }

    /// NaN for what is none, or may not be seen.
    double number(DeviceId device, String metric, long timeMicros, Value value, boolean opens) {
        return switch (value) {
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> number;
            case Value.Sealed it when opens -> sealed.open(device, metric, timeMicros, it)
                    .map(opened -> number(device, metric, timeMicros, opened, false)).orElse(Double.NaN);
            case Value.Flag _, Value.Text _, Value.Sealed _ -> Double.NaN;
        };
    }
}
