package io.iotflow.server.processing;

import io.iotflow.server.device.Device;
import java.util.List;

/// Knows the steps that devices have of themselves. From memory, for any number of threads: a message waits for it.
///
/// When something changes, it changes here first and is then told to [ProcessingRules#changed] or
/// [ProcessingRules#changedAll].
public interface DeviceSteps {
    DeviceSteps NOTHING = new DeviceSteps() {
        @Override
        public boolean isEmpty() {
            return true;
        }

        @Override
        public List<OwnSteps> of(Device device) {
            return List.of();
        }
    };

    /// Whether no device has any.
    boolean isEmpty();

    /// In their order, before those of rules; equal lists while nothing has changed.
    List<OwnSteps> of(Device device);
}
