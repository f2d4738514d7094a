package io.iotflow.server.device;

import io.iotflow.server.core.Setting;
import io.iotflow.server.core.ShadowLimits;
import java.time.Duration;
import java.util.Optional;

/// Who may register a device without being an operator. Operators always may.
public record RegistrationConfig(
        @Setting(value = "closed", doc = "open: anybody, within the limit for each address; token: whoever shows"
                + " registration.token as X-Provisioning-Key; approval: anybody, but a device may do nothing until an"
                + " operator makes it active; closed: operators only. Keys of /provisioning-keys work in every mode.")
        Mode mode,
        @Setting(value = "", secret = true, doc = "The provisioning key for registration.mode token.")
        Optional<String> token,
        @Setting(value = "10", doc = "Registrations for each address (IPv6: each /64 network) in"
                + " registration.window; one more is answered 429.")
        int limit,
        @Setting(value = "5m", doc = "The time in which registration.limit counts.")
        Duration window,
        @Setting(value = "0", doc = "How many devices a gateway may register by itself: a device that it connects and"
                + " that nobody has registered is made in its organization, behind it. 0 for none.")
        int gatewayDevices) {

    public enum Mode { OPEN, TOKEN, APPROVAL, CLOSED }

    public RegistrationConfig {
        if (mode == Mode.TOKEN && token.isEmpty()) {
            throw new IllegalArgumentException("registration.mode token needs registration.token");
        }
        if (token.filter(text -> text.length() < 16).isPresent()) {
            throw new IllegalArgumentException("registration.token must have at least 16 characters");
        }
        if (limit < 1 || limit > 10_000) throw new IllegalArgumentException("registration.limit must be 1 to 10000");
        if (gatewayDevices < 0 || gatewayDevices > ShadowLimits.GATEWAY_DEVICES) {
            throw new IllegalArgumentException("registration.gateway_devices must be 0 to "
                    + ShadowLimits.GATEWAY_DEVICES);
        }
        if (window.isNegative() || window.isZero()) {
            throw new IllegalArgumentException("registration.window must be longer than zero");
        }
    }

    /// Open to anybody, within the limit.
    public static RegistrationConfig open() {
        return new RegistrationConfig(Mode.OPEN, Optional.empty(), 10, Duration.ofMinutes(5), 0);
    }
}
