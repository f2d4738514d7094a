package io.iotflow.server.firmware;

import io.iotflow.server.core.DeviceId;

/// The way to a device. Implemented by the transport that devices listen on.
public interface FirmwareChannel {

    /// Puts the offer where the device finds it, now or when it comes back.
    void offer(DeviceId device, byte[] offer);

    /// There is nothing to be offered any more.
    void clear(DeviceId device);

    /// Tells a device that was made for ThingsBoard, if it listens, which of its shared attributes are others now.
    void attributes(DeviceId device, byte[] changed);

    /// @param place which chunk of which update: `7/0`; of a device that was made for ThingsBoard, `v2/` and the number
    ///              of its request instead of the update's
    void chunk(DeviceId device, String place, byte[] bytes);
}
