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
public final class RegistrationGate {
    private final RegistrationConfig config;
    private final AddressLimit addresses;

    /// On which condition a device may register.
    enum Admission {
        /// It is active at once.
        ACTIVE,
        /// It waits until an operator makes it active.
        WAITING,
        /// If what was shown is a provisioning key that is valid.
        BY_KEY
    }

    public RegistrationGate(RegistrationConfig config, InstantSource clock) {
        this.config = config;
        this.addresses = new AddressLimit("registrations", config.limit(), config.window(),
                Limits.REGISTRATION_ADDRESSES, clock);
    }

    /// @param token what was sent as `X-Provisioning-Key`
    /// @throws PlatformException `REGISTRATION_CLOSED` or `RATE_LIMITED`
    Admission admit(Caller caller, Optional<String> token, String address) {
        if (caller instanceof Caller.User user && user.may(Permission.DEVICES_WRITE)) return Admission.ACTIVE;
        var isToken = config.mode() == RegistrationConfig.Mode.TOKEN && token.isPresent()
                && same(token.get(), config.token().orElseThrow());
        if (!isToken && token.flatMap(ApiKey::hashOf).isPresent()) return Admission.BY_KEY;
        return switch (config.mode()) {
            case OPEN -> {
                count(address);
                yield Admission.ACTIVE;
            }
            case TOKEN -> {
                count(address);
                if (isToken) yield Admission.ACTIVE;
                throw closed("Registration needs the provisioning key as X-Provisioning-Key.");
            }
            case APPROVAL -> {
                count(address);
                yield Admission.WAITING;
            }
            case CLOSED -> throw closed("Only operators, and devices with a provisioning key, register here.");
        };
    }

    /// The provisioning key with this secret, if it opens anything now. One that does let a whole factory register from
    /// one address.
    ///
    /// @throws PlatformException `REGISTRATION_CLOSED` or `RATE_LIMITED`
    ProvisioningKey admitKey(Provisioning provisioning, String secret, String address) {
        return provisioning.find(secret).orElseThrow(() -> {
            count(address);
            return Provisioning.notValid();
        });
    }

    /// Attempts count, not successes: guessing `registration.token` is limited by the same, and so are provisioning
    /// keys that are not valid.
    private void count(String address) {
        addresses.count(address);
    }

    static PlatformException closed(String detail) {
        return new PlatformException(ErrorCode.REGISTRATION_CLOSED, detail);
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
