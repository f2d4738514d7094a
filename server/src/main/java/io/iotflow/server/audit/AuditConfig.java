package io.iotflow.server.audit;

import io.iotflow.server.core.Setting;
import java.util.Optional;

/// Whose log it is.
public record AuditConfig(
        @Setting(value = "", secret = true, doc = "The key that signs the audit log (PRIVATE+KEY+…), if something else"
                + " than the data folder keeps it; several nodes need the same. Empty makes one at the first start and"
                + " keeps it in the data folder as audit-key.")
        Optional<String> key,
        @Setting(value = "", doc = "The log's name for a key that is made, such as iot.example.org/audit: lower-case"
                + " letters, digits, - . and /; it cannot be changed later. Empty takes iotflow/ and eight digits by"
                + " chance.")
        Optional<String> origin) {

    public AuditConfig {
        origin.filter(name -> !name.matches("[a-z0-9][a-z0-9./-]{0,100}")).ifPresent(name -> {
            throw new IllegalArgumentException("audit.origin must be lower-case letters, digits, - . and /");
        });
    }

    /// A key in the data folder.
    public static AuditConfig standard() {
        return new AuditConfig(Optional.empty(), Optional.empty());
    }
}
