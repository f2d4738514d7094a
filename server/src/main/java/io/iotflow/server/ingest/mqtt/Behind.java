package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Which devices are there now through which gateway. For all threads.
final class Behind {
    private final Map<DeviceId, Place> places = new ConcurrentHashMap<>();

    /// @param name      of the device
    /// @param spokesman the connection that speaks for it
    record Place(DeviceId gateway, String name, Spokesman spokesman) {}

    /// From now on this connection speaks for it; one that has before does not any more.
    void come(DeviceId device, Place place) {
        var before = places.put(device, place);
        if (before != null && before.spokesman() != place.spokesman()) before.spokesman().lost(device);
    }

    /// @return false if another connection speaks for it by now
    boolean leave(DeviceId device, Spokesman spokesman) {
        var place = places.get(device);
        return place != null && place.spokesman() == spokesman && places.remove(device, place);
    }

    Optional<Place> of(DeviceId device) {
        return Optional.ofNullable(places.get(device));
    }

    /// Something about the device is not what it was. May wait for the database.
    void checkAgain(DeviceId device) {
        of(device).ifPresent(place -> place.spokesman().checkAgain(device));
    }
}
