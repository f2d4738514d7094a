package io.iotflow.server.http;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a user or a service token may be allowed to do. A role is a set of these; every route that people may call
/// names the one that it needs.
public enum Permission {
    DEVICES_READ, DEVICES_WRITE,
    /// Keys and certificates of devices.
    CREDENTIALS_WRITE,
    TELEMETRY_READ, TELEMETRY_WRITE, TELEMETRY_ERASE,
    /// Clear values of what is marked as sensitive, beside the permission to read the rest.
    SENSITIVE_READ,
    /// What is sensitive, and the keys that seal it.
    ENCRYPTION_READ, ENCRYPTION_WRITE,
    CONFIGURATIONS_WRITE,
    COMMANDS_SEND,
    /// Processing rules and alert rules.
    RULES_READ, RULES_WRITE,
    ALERTS_READ,
    /// Acknowledge, assign, comment, resolve.
    ALERTS_WRITE,
    /// Images, and what devices are offered; the keys that sign images.
    FIRMWARE_READ, FIRMWARE_WRITE, FIRMWARE_KEYS_WRITE,
    /// Rollouts, which everybody may read who may read firmware; letting those of others begin.
    ROLLOUTS_WRITE, ROLLOUTS_APPROVE,
    /// Where notifications go, and what became of them.
    CHANNELS_READ, CHANNELS_WRITE,
    /// The platform's own figures.
    PLATFORM_READ, PLATFORM_WRITE,
    ORGANIZATIONS_READ, ORGANIZATIONS_WRITE,
    /// Users and roles.
    USERS_READ, USERS_WRITE,
    /// Service tokens.
    TOKENS_READ, TOKENS_WRITE,
    AUDIT_READ;

    /// What every viewer may do: look at the fleet and its data.
    public static final Set<Permission> VIEWER =
            Set.of(DEVICES_READ, TELEMETRY_READ, RULES_READ, ALERTS_READ, FIRMWARE_READ, PLATFORM_READ,
            ORGANIZATIONS_READ);
    /// What every operator may do: run the fleet as well.
    public static final Set<Permission> OPERATOR = Set.of(DEVICES_READ, TELEMETRY_READ, SENSITIVE_READ, PLATFORM_READ,
            ORGANIZATIONS_READ, DEVICES_WRITE, CREDENTIALS_WRITE, TELEMETRY_WRITE, CONFIGURATIONS_WRITE, COMMANDS_SEND,
            RULES_READ, RULES_WRITE, ALERTS_READ, ALERTS_WRITE, CHANNELS_READ, CHANNELS_WRITE,
            FIRMWARE_READ, FIRMWARE_WRITE, ROLLOUTS_WRITE, ROLLOUTS_APPROVE);
    /// Everything.
    public static final Set<Permission> ADMIN = Set.copyOf(EnumSet.allOf(Permission.class));

    private final String word;

    Permission() {
        var at = name().lastIndexOf('_');
        word = (name().substring(0, at) + ":" + name().substring(at + 1)).toLowerCase(Locale.ROOT);
    }

    /// `devices:read`
    public String word() {
        return word;
    }

    public static Optional<Permission> of(String word) {
        for (var permission : values()) if (permission.word.equals(word)) return Optional.of(permission);
        return Optional.empty();
    }
}
