package io.iotflow.server.alert;

import java.util.Locale;

/// How far an alert has come. It only ever moves down this list.
enum AlertState {
    ACTIVE, ACKNOWLEDGED, RESOLVED;

    /// As interfaces and the database write it.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
