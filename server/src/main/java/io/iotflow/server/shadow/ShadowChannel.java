package io.iotflow.server.shadow;

import io.iotflow.server.core.DeviceId;

/// The way to a device. Implemented by the transport that devices listen on.
public interface ShadowChannel {
    /// Nobody listens.
    ShadowChannel NOBODY = new ShadowChannel() {
        @Override
        public boolean isFollowed(DeviceId device, String topic) {
            return false;
        }

        @Override
        public void publish(DeviceId device, String topic, byte[] payload) {
            // there is nobody
        }
    };

    /// Whether anybody would get what is published there.
    ///
    /// @param topic below the device's `shadow/`
    boolean isFollowed(DeviceId device, String topic);

    void publish(DeviceId device, String topic, byte[] payload);
}
