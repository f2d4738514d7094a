package io.iotflow.server.device;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.AddressLimit;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Optional;

/// Decides who may register a device now. Operators always may; others as `registration.mode` says, and only so many
/// times for each address.
final class RegistrationGate {
    private final RegistrationConfig config;
    private final AddressLimit addresses;

    RegistrationGate(RegistrationConfig config, InstantSource clock) {
        this.config = config;
        this.addresses = new AddressLimit("registrations", config.limit(), config.window(),
                Limits.REGISTRATION_ADDRESSES, clock);
    }

    /// @param token what was sent as `X-Provisioning-Key`
    /// @throws PlatformException `REGISTRATION_CLOSED` or `RATE_LIMITED`
    void admit(Caller caller, Optional<String> token, String address) {
        if (caller instanceof Caller.User user && user.may(Permission.DEVICES_WRITE)) return;
        switch (config.mode()) {
            case OPEN -> addresses.count(address);
            case TOKEN -> {
                addresses.count(address);
                if (token.isEmpty() || !same(token.get(), config.token().orElseThrow())) {
                    throw closed("Registration needs the provisioning key as X-Provisioning-Key.");
                }
            }
            case CLOSED -> throw closed("Only operators register devices here.");
        }
    }

    private static PlatformException closed(String detail) {
        return new PlatformException(ErrorCode.REGISTRATION_CLOSED, detail);
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
