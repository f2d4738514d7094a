package io.iotflow.simulator;

import java.util.OptionalLong;

/// Who a device is to the platform.
///
/// @param id absent when only a key was given
record Identity(String name, OptionalLong id, String apiKey) {

    /// The word for this device in topics and as the MQTT user name: its id, or its name where the id is not known.
    String handle() {
        return id.isPresent() ? Long.toString(id.getAsLong()) : name;
    }

    /// Secrets stay out of logs.
    @Override
    public String toString() {
        return "Identity[" + name + ", " + handle() + "]";
    }
}
