package io.iotflow.server.encryption;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/// Seals values of sensitive metrics before they reach the log, and opens them. A sealed value belongs to its
/// organization, device, metric and time, and opens nowhere else. Inside is its form and then what it is:
/// ```
/// whole 0 number(8) · real 1 number(8) · flag 2 0|1 · text 3 UTF-8
/// ```
/// For any number of threads.
public final class SealedTelemetry {
    private static final byte WHOLE = 0;
    private static final byte REAL = 1;
    private static final byte FLAG = 2;
    private static final byte TEXT = 3;
    private static final int NUMBER_BYTES = 9;

    private final SensitiveFields fields;
    private final KeyRing keyRing;
    private final LongAdder sealed = new LongAdder();
    private final LongAdder unreadable = new LongAdder();

    public SealedTelemetry(SensitiveFields fields, KeyRing keyRing) {
        this.fields = fields;
        this.keyRing = keyRing;
    }

    /// @param origins for each metric that was made of others, those; for all metrics under `*`. What is made of
    ///                something sensitive is sensitive
    /// @return the same list when none of the metrics is sensitive
    /// @throws io.iotflow.server.core.PlatformException when the organization's key cannot be had at this moment
    public List<Measurement> seal(OrganizationPath organization, DeviceId device, List<Measurement> measurements,
            Map<String, Set<String>> origins) {
        var sealing = fields.of(organization);
        if (sealing.isEmpty()) return measurements;
        List<Measurement> kept = null;
        for (var i = 0; i < measurements.size(); i++) {
            var measurement = measurements.get(i);
            if (!sealing.get().isSensitive(measurement.metric(), origins)) continue;
            if (kept == null) kept = new ArrayList<>(measurements);
            kept.set(i, sealed(sealing.get().key(), device, measurement));
            sealed.increment();
        }
        return kept == null ? measurements : kept;
    }

    /// Whether the organization has marked anything as sensitive.
    ///
    /// @throws io.iotflow.server.core.PlatformException as above
    public boolean isAnythingSensitive(OrganizationPath organization) {
        return fields.of(organization).isPresent();
    }

    /// Whether one of these metrics is sensitive.
    ///
    /// @throws io.iotflow.server.core.PlatformException as above
    public boolean isAnySensitive(OrganizationPath organization, List<Measurement> measurements) {
        var sealing = fields.of(organization);
        if (sealing.isEmpty()) return false;
        for (var measurement : measurements) {
            if (sealing.get().isSensitive(measurement.metric(), Map.of())) return true;
        }
        return false;
    }

    private static Measurement sealed(SealingKey key, DeviceId device, Measurement measurement) {
        var metric = measurement.metric();
        var time = measurement.timeMicros();
        var sealed = key.seal(bytes(measurement.value()), context(device, metric, time));
        return new Measurement(metric, time,
                new Value.Sealed(measurement.value().type(), Base64.getEncoder().encodeToString(sealed)));
    }

    /// Empty when its key is destroyed, or it is not what was sealed for this place.
    public Optional<Value> open(DeviceId device, String metric, long timeMicros, Value.Sealed value) {
        var opened = opened(value.envelope(), context(device, metric, timeMicros)).map(SealedTelemetry::value)
                .filter(inside -> inside.type() == value.type());
        if (opened.isEmpty()) unreadable.increment();
        return opened;
    }

    private Optional<byte[]> opened(String envelope, byte[] context) {
        try {
            var bytes = Base64.getDecoder().decode(envelope);
            var key = SealingKey.keyOf(bytes);
            return key.isEmpty() ? Optional.empty()
                    : keyRing.find(key.getAsInt()).flatMap(it -> it.open(bytes, context));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// Values sealed since this start.
    public long sealed() {
        return sealed.sum();
    }

    /// How often a value could not be opened.
    public long unreadable() {
        return unreadable.sum();
    }

    private static byte[] context(DeviceId device, String metric, long timeMicros) {
        return SealingKey.context("telemetry", ByteBuffer.allocate(16).putLong(device.value()).putLong(timeMicros)
                .array(), metric.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] bytes(Value value) {
        return switch (value) {
            case Value.Whole(var number) -> ByteBuffer.allocate(NUMBER_BYTES).put(WHOLE).putLong(number).array();
            case Value.Real(var number) -> ByteBuffer.allocate(NUMBER_BYTES).put(REAL).putDouble(number).array();
            case Value.Flag(var on) -> new byte[] {FLAG, (byte) (on ? 1 : 0)};
            case Value.Text(var text) -> {
                var utf8 = text.getBytes(StandardCharsets.UTF_8);
                yield ByteBuffer.allocate(1 + utf8.length).put(TEXT).put(utf8).array();
            }
            case Value.Sealed _ -> throw new IllegalStateException("BUG: sealed already");
        };
    }

    private static Value value(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        return switch (in.get()) {
            case WHOLE -> new Value.Whole(in.getLong());
            case REAL -> new Value.Real(in.getDouble());
            case FLAG -> new Value.Flag(in.get() != 0);
            case TEXT -> new Value.Text(StandardCharsets.UTF_8.decode(in).toString());
            default -> throw new IllegalStateException("BUG: a value was sealed in form " + bytes[0]);
        };
    }
}
