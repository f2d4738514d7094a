package io.iotflow.server.firmware;

import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.http.Fields;
import java.time.Duration;

/// What somebody wants a device to be offered, and for how long it may try.
///
/// @param image    the number of a [firmware image](Image)
/// @param attempts how often the device may fail
/// @param patience how long an attempt may take
public record OfferTerms(long image, int attempts, Duration patience) {
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final int ATTEMPTS = 3;

    /// @throws io.iotflow.server.core.PlatformException `INVALID`, naming the field
    public static OfferTerms read(Fields fields) {
        var number = fields.required("firmware_id");
        if (!number.isIntegralNumber() || !number.canConvertToLong()) {
            throw fields.refusal("firmware_id", "must be a number");
        }
        return new OfferTerms(number.longValue(),
                fields.whole("max_attempts", ATTEMPTS, 1, FirmwareLimits.FIRMWARE_ATTEMPTS),
                fields.duration("timeout", FirmwareLimits.FIRMWARE_PATIENCE).orElse(PATIENCE));
    }
}
