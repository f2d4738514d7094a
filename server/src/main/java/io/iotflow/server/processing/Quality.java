package io.iotflow.server.processing;

import io.iotflow.protocol.Value;
import java.util.Locale;

/// What a range thinks of a value; the worse the later.
enum Quality {
    VALID, SUSPECT, INVALID;

    private final Value.Text text = new Value.Text(name().toLowerCase(Locale.ROOT));

    /// As it is stored.
    Value.Text text() {
        return text;
    }

    String word() {
        return text.text();
    }
}
