package io.iotflow.bench;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `pipelined`, `one-in-flight`, …
final class ModeConverter implements ITypeConverter<IngestMode> {
    @Override
    public IngestMode convert(String text) {
        return Arrays.stream(IngestMode.values()).filter(mode -> mode.toString().equals(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException(
                        "'" + text + "' is none of " + Arrays.toString(IngestMode.values())));
    }
}
