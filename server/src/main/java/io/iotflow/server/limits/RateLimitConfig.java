package io.iotflow.server.limits;

import io.iotflow.server.core.Setting;
import java.util.Optional;

/// How much one device, address or organization may ask for.
public record RateLimitConfig(
        @Setting(value = "0", doc = "Messages over MQTT and requests over HTTP of one device, such as 100/1s: so many"
                + " at once, and so many again spread over the time. A batch is one request. 0 is no limit.")
        String perDevice,
        @Setting(value = "0", doc = "Requests over HTTP and connects over MQTT from one address (IPv6: one /64"
                + " network), counted before any credential is looked at. Behind a proxy, name it in"
                + " http.trusted_proxies first. 0 is no limit.")
        String perAddress,
        @Setting(value = "0", doc = "Messages and requests of one organization's devices, users and tokens together,"
                + " so that none takes all from the others. 0 is no limit.")
        String perOrganization) {

    public RateLimitConfig {
        check("per_device", perDevice);
        check("per_address", perAddress);
        check("per_organization", perOrganization);
    }

    /// Nothing is limited but what routes limit by themselves.
    public static RateLimitConfig off() {
        return new RateLimitConfig("0", "0", "0");
    }

    Optional<Rate> device() {
        return Rate.find(perDevice);
    }

    Optional<Rate> address() {
        return Rate.find(perAddress);
    }

    Optional<Rate> organization() {
        return Rate.find(perOrganization);
    }

    private static void check(String key, String text) {
        try {
            Rate.find(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("limits." + key + " = " + text + " " + e.getMessage());
        }
    }
}
