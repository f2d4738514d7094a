package io.iotflow.server.language;

import com.fasterxml.jackson.databind.JsonNode;

/// What an expression sees when it is evaluated. Asked by one thread at a time; an input is named by its index in
/// [Expression#inputs]. Where there is no value, `null` and NaN become the language's `undefined`.
///
/// Values are `Double` (or another `Number`), `Boolean`, `String`, and for [#local] also `List`, `Map`, `byte[]` and
/// `JsonNode`.
public interface Surroundings {
    /// Of a [Input.Metric] or [Input.Previous]; NaN if there is none or it is no number.
    double number(int input);

    /// Of the same, whatever its type; null if there is none.
    Object value(int input);

    /// Of a [Input.Window]. Never null: an empty window has the count 0.
    WindowStatistics window(int input);

    /// The value that triggered, or null.
    Object current();

    /// The same as a number, NaN if it is none.
    double currentNumber();

    /// Microseconds since 1970; what `timestamp` and `hoursSince` go by.
    long timeMicros();

    /// One of [Vocabulary#DEVICE_FIELDS], or null. `groups` is a `List` of names.
    Object device(String field);

    /// The device's metadata, an object.
    JsonNode metadata();

    /// The device's shadow, an object.
    JsonNode shadow();

    /// Whether the last known position lies in the geofence of this name, which is one of [Expression#geofences]; false
    /// if no position is known.
    boolean inside(String geofence);

    /// Called when the evaluation has ended, however it did: the steps that it has taken.
    default void spent(int steps) {}

    /// A further name that the vocabulary declares: `tags`, `value`, `payload`, `bytes`, `topic`; or null.
    Object local(String name);
}
