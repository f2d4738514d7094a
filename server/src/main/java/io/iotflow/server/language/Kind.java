package io.iotflow.server.language;

/// What is known of a value before it is computed. It spares tests and boxes later.
enum Kind {
    NUMBER,
    /// A number or `undefined`.
    NUMBER_OR_NOTHING,
    BOOLEAN,
    TEXT,
    ANY;

    /// Whether `+` with another such value adds, and comparing compares numbers.
    boolean isNumeric() {
        return this == NUMBER || this == NUMBER_OR_NOTHING || this == BOOLEAN;
    }

    Kind or(Kind other) {
        if (this == other) return this;
        var numbers = (this == NUMBER || this == NUMBER_OR_NOTHING) && (other == NUMBER || other == NUMBER_OR_NOTHING);
        return numbers ? NUMBER_OR_NOTHING : ANY;
    }
}
