package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/// Something that happens to a command.
sealed interface CommandEvent {

    /// Which way it goes to the device.
    enum Way {
        NONE, MQTT,
        /// The device's subscription has QoS 0, so nobody will say whether it arrived.
        MQTT_UNACKNOWLEDGED, HTTP;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Way of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /// What a device says of a command.
    enum Word {
        /// It has it.
        RECEIVED,
        /// It is at it.
        ACKNOWLEDGED,
        SUCCESS, ERROR
    }

    /// It goes out now.
    record Sent(Way way, JsonNode proof) implements CommandEvent {}

    /// It has gone out on a subscription of QoS 0.
    record SentUnacknowledged() implements CommandEvent {}

    /// The device's client has acknowledged it.
    record Delivered(JsonNode proof) implements CommandEvent {}

    /// The device's client does not want it.
    record Refused(JsonNode proof) implements CommandEvent {}

    /// Whoever should have taken it to the device is gone.
    record Lost(String why) implements CommandEvent {}

    /// @param content what the device has said, as far as it is kept
    record Answered(Word word, JsonNode content) implements CommandEvent {}

    /// @param isCertain whether the device can not have got it, although it was sent
    record Cancelled(String by, boolean isCertain) implements CommandEvent {}

    record TimePassed() implements CommandEvent {}
}
