package io.iotflow.server.core;

import java.time.Duration;

/// Bounds of what is known of devices together, as [Limits] are: their types, sensors, groups and positions.
public final class FleetLimits {

    /// Device types of one organization; of each the metrics, capabilities, rules to be made, versions that are kept,
    /// characters of the icon's name, bytes of the default configuration. Characters of a unit.
    public static final int DEVICE_TYPES = 500;
    public static final int TYPE_METRICS = 200;
    public static final int TYPE_CAPABILITIES = 100;
    public static final int TYPE_RULES = 20;
    public static final int TYPE_VERSIONS = 100;
    public static final int TYPE_ICON_CHARACTERS = 64;
    public static final int TYPE_CONFIGURATION_BYTES = 16 << 10;
    public static final int UNIT_CHARACTERS = 32;
    /// Sensors of a device; of each the days to the next calibration, calibrations that are kept, and bytes of the
    /// certificate. Recalculations that run at once on a node, and that are remembered of an organization.
    public static final int SENSORS_PER_DEVICE = 64;
    public static final int SENSOR_INTERVAL_DAYS = 36_500;
    public static final int SENSOR_CALIBRATIONS = 1_000;
    public static final int SENSOR_CERTIFICATE_BYTES = 2 << 20;
    public static final int RECALCULATIONS_RUNNING = 2;
    public static final int RECALCULATIONS = 100;
    /// Times that a device came or went, of which the oldest go first, and those of all devices that wait to be
    /// written: as many as there are devices may come at once.
    public static final int PRESENCE_CHANGES = 200;
    public static final int PRESENCE_CHANGES_WAITING = 200_000;

    /// Points of a track, and positions that it is made of; features of a map.
    public static final int TRACK_POINTS = 10_000;
    public static final int TRACK_POINTS_DEFAULT = 1_000;
    public static final int TRACK_POSITIONS = 1_000_000;
    public static final int MAP_FEATURES = 10_000;
    public static final int MAP_FEATURES_DEFAULT = 1_000;

    /// Devices that are read at once to be held against a filter, and those that one page of a list looks at.
    public static final int FILTER_BATCH = 2_000;
    public static final int FILTER_LOOKS = 20_000;
    /// So long a page looks, if it has looked at one such batch by then.
    public static final Duration FILTER_LOOK_TIME = Duration.ofMillis(60);
    /// Devices that are few, of an organization or of those that something finds: up to here memory tells the database
    /// which, or it sorts them; beyond it a page is found in its order.
    public static final int FEW_DEVICES = 2_000;
    /// Devices up to which a list with a filter counts how many there are.
    public static final int COUNTED = 10_000;

    /// Groups of one organization, those of them with a filter, and how deep they stand in one another.
    public static final int GROUPS = 1_000;
    public static final int DYNAMIC_GROUPS = 100;
    public static final int GROUP_DEPTH = 10;

    /// Devices that one call names to put into a group or take out of it.
    public static final int GROUP_BULK = 10_000;

    /// Groups that one reader of live events names, in each of so many wishes.
    public static final int LIVE_GROUPS = 100;
    public static final int LIVE_WISHES = 10;

    private FleetLimits() {}
}
