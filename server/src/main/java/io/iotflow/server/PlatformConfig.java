package io.iotflow.server;

import io.iotflow.server.access.AccessConfig;
import io.iotflow.server.access.LdapConfig;
import io.iotflow.server.access.OidcConfig;
import io.iotflow.server.alert.AlertConfig;
import io.iotflow.server.audit.AuditConfig;
import io.iotflow.server.certificate.CertificateConfig;
import io.iotflow.server.command.CommandConfig;
import io.iotflow.server.configuration.ConfigurationConfig;
import io.iotflow.server.database.DatabaseConfig;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.RegistrationConfig;
import io.iotflow.server.encryption.EncryptionConfig;
import io.iotflow.server.firmware.FirmwareConfig;
import io.iotflow.server.http.HttpConfig;
import io.iotflow.server.http.MapConfig;
import io.iotflow.server.ingest.mqtt.MqttConfig;
import io.iotflow.server.journal.JournalConfig;
import io.iotflow.server.limits.RateLimitConfig;
import io.iotflow.server.notification.NotificationConfig;
import io.iotflow.server.shadow.ShadowConfig;
import io.iotflow.server.telemetry.TelemetryConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Everything that can be configured: one record for each feature, whose name is the section in `iotflow.yaml`.
public record PlatformConfig(
        DataConfig data,
        HttpConfig http,
        MapConfig map,
        MqttConfig mqtt,
        DatabaseConfig database,
        DeviceConfig device,
        ConfigurationConfig configuration,
        RegistrationConfig registration,
        CertificateConfig certificates,
        AccessConfig access,
        OidcConfig oidc,
        LdapConfig ldap,
        RateLimitConfig limits,
        JournalConfig journal,
        TelemetryConfig telemetry,
        AlertConfig alerts,
        CommandConfig command,
        AuditConfig audit,
        EncryptionConfig encryption,
        NotificationConfig notification,
        ShadowConfig shadow,
        FirmwareConfig firmware,
        BenchConfig bench) {

    public PlatformConfig {
        var owners = new HashMap<Integer, String>();
        claim(owners, http.port(), "http.port");
        claim(owners, http.tlsPort(), "http.tls_port");
        claim(owners, mqtt.port(), "mqtt.port");
        claim(owners, mqtt.tlsPort(), "mqtt.tls_port");
        claim(owners, mqtt.websocketPort(), "mqtt.websocket_port");
    }

    /// Ports of 0 and below are not ports: any free one, or none.
    private static void claim(Map<Integer, String> owners, int port, String key) {
        var other = port <= 0 ? null : owners.putIfAbsent(port, key);
        if (other != null) throw new IllegalArgumentException(other + " and " + key + " are both " + port);
    }

    /// Reads the file, if it exists, and the environment, which goes before the file.
    ///
    /// @param overrides from the command line, such as `registration.mode` = `open`; go before both
    /// @throws ConfigurationReader.Mistakes all of them together
    public static PlatformConfig read(Path file, Map<String, String> environment, Map<String, String> overrides) {
        return new ConfigurationReader(file, environment, overrides).read(PlatformConfig.class);
    }
}
