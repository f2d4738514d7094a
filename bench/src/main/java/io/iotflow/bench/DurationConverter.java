package io.iotflow.bench;

import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `500ms`, `30s`, `2m`, `1h`.
final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        try {
            var iso = text.toUpperCase(Locale.ROOT);
            if (iso.endsWith("MS")) return Duration.ofMillis(Long.parseLong(iso.substring(0, iso.length() - 2)));
            return Duration.parse("PT" + iso);
        } catch (RuntimeException e) {
            throw new TypeConversionException("'" + text + "' is not a duration such as 500ms, 30s or 2m");
        }
    }
}
