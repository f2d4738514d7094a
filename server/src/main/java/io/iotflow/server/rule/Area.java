package io.iotflow.server.rule;

/// A piece of the earth's surface; degrees of WGS 84.
sealed interface Area {
    double EARTH_RADIUS_M = 6_371_008.8;

    boolean contains(double latitude, double longitude);

    /// @param radius in metres
    record Circle(double latitude, double longitude, double radius) implements Area {
        @Override
        public boolean contains(double otherLatitude, double otherLongitude) {
            return distance(latitude, longitude, otherLatitude, otherLongitude) <= radius;
        }
    }

    /// Straight lines on a map of degrees, and closed by itself. It MUST NOT reach over the line of 180 degrees: such
    /// an area is two.
    record Polygon(double[] latitudes, double[] longitudes) implements Area {
        /// Counts the edges that a ray to the east crosses.
        @Override
        public boolean contains(double latitude, double longitude) {
            var inside = false;
            for (int i = 0, j = latitudes.length - 1; i < latitudes.length; j = i++) {
                if (latitudes[i] > latitude == latitudes[j] > latitude) continue;
                var crossing = (longitudes[j] - longitudes[i]) * (latitude - latitudes[i])
                        / (latitudes[j] - latitudes[i]) + longitudes[i];
                if (longitude < crossing) inside = !inside;
            }
            return inside;
        }
    }

    /// In metres, on a sphere.
    static double distance(double latitude1, double longitude1, double latitude2, double longitude2) {
        var a = Math.toRadians(latitude1);
        var b = Math.toRadians(latitude2);
        var half = Math.pow(Math.sin((b - a) / 2), 2)
                + Math.cos(a) * Math.cos(b) * Math.pow(Math.sin(Math.toRadians(longitude2 - longitude1) / 2), 2);
        return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
    }
}
