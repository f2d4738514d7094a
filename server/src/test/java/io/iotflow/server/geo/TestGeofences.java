package io.iotflow.server.geo;

import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.List;

/// Geofences that stand nowhere but in a test.
public final class TestGeofences {
    public static final Geofences.Known NONE = new GeofenceBook(List.of());

    private TestGeofences() {}

    public static Geofences.Known of(Geofence... those) {
        return new GeofenceBook(List.of(those));
    }

    public static Geofence circle(long id, String name, double latitude, double longitude, double radius) {
        return circle(id, OrganizationPath.ROOT, name, latitude, longitude, radius);
    }

    public static Geofence circle(long id, OrganizationPath organization, String name, double latitude,
            double longitude, double radius) {
        return new Geofence(id, organization, name, new Area.Circle(new Area.Point(latitude, longitude), radius), 1,
                Instant.EPOCH, Instant.EPOCH);
    }
}
