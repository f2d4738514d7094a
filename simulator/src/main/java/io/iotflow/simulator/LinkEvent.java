package io.iotflow.simulator;

import java.time.Duration;

/// What a device hears from its link. Links put these into the device's inbox from whichever thread they run on.
sealed interface LinkEvent {

    /// The platform has the message for good.
    record Acknowledged(long number, Duration latency) implements LinkEvent {}

    /// The platform will not take this message, now or later.
    record Refused(long number, String why) implements LinkEvent {}

    /// The platform asks to come back later; nothing of what is in flight was taken.
    record Busy(Link link, Duration retryAfter) implements LinkEvent {}

    /// The link is gone, and with it whatever was in flight.
    record Lost(Link link, String why) implements LinkEvent {}

    record CommandArrived(String topic, byte[] payload) implements LinkEvent {}

    /// Somebody wants the device's attention, nothing more.
    record Nudge() implements LinkEvent {}
}
