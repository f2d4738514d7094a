package io.iotflow.server.core;

import java.util.Locale;

/// How bad it is, the least first.
public enum Severity {
    INFO, WARNING, MAJOR, CRITICAL;

    /// As interfaces write it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws PlatformException `INVALID`, naming the field
    public static Severity of(String field, String word) {
        for (var severity : values()) if (severity.word().equals(word)) return severity;
        throw PlatformException.invalid(field, "must be info, warning, major or critical");
    }
}
