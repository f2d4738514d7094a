package io.iotflow.server.core;

/// The earth, taken for a sphere.
public final class Earth {
    public static final double RADIUS_METRES = 6_371_008.8;

    private Earth() {}

    /// Along a great circle, in metres; the arguments in degrees.
    public static double distance(double latitude1, double longitude1, double latitude2, double longitude2) {
        var a = Math.toRadians(latitude1);
        var b = Math.toRadians(latitude2);
        var down = Math.sin((b - a) / 2);
        var across = Math.sin(Math.toRadians(longitude2 - longitude1) / 2);
        return 2 * RADIUS_METRES
                * Math.asin(Math.min(1, Math.sqrt(down * down + Math.cos(a) * Math.cos(b) * across * across)));
    }
}
