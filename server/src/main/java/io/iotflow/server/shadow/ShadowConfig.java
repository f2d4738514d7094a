package io.iotflow.server.shadow;

import io.iotflow.server.core.Setting;
import io.iotflow.server.core.ShadowLimits;
import java.util.List;

/// What shadows take from elsewhere.
public record ShadowConfig(
        @Setting(value = "", doc = "Metrics whose latest value goes into the reported half of the device's shadow as"
                + " well, separated by commas; a dot in a name goes one level deeper. Values that are marked as"
                + " sensitive never go there.")
        List<String> fromTelemetry) {

    public ShadowConfig {
        fromTelemetry = List.copyOf(fromTelemetry);
        if (fromTelemetry.size() > ShadowLimits.SHADOW_KEYS) {
            throw new IllegalArgumentException("shadow.from_telemetry may name " + ShadowLimits.SHADOW_KEYS
                    + " metrics");
        }
    }
}
