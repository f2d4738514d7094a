package io.iotflow.server.rollout;

/// What is to be done about a rollout now.
sealed interface Decision {

    /// Nothing, until something happens or a while has passed.
    record Rest() implements Decision {}

    /// Its time has come: look at the image, find the devices.
    record Begin() implements Decision {}

    /// @param most devices
    record Offer(int most) implements Decision {}

    record NextStage() implements Decision {}

    record Halt(String reason) implements Decision {}

    record Finish() implements Decision {}

    /// Call back what is offered and not being installed.
    record Recall() implements Decision {}

    /// Offer devices what they ran before.
    record Revert() implements Decision {}

    /// Nothing is left to be done.
    record End() implements Decision {}
}
