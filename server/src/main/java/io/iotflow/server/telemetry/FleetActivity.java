package io.iotflow.server.telemetry;

import io.iotflow.server.core.DeviceId;
import java.time.Instant;
import java.util.List;

/// How much all devices together measured in a span of time, by the measurements' own times; erased ones do not count.
///
/// @param window  how long each of the windows is, such as `5m`
/// @param windows by time; those without measurements are left out
/// @param devices how many devices measured anything
/// @param busiest those that measured most, the busiest first
public record FleetActivity(long points, String window, List<Count> windows, int devices, List<Reporter> busiest) {

    /// @param start of the window
    public record Count(Instant start, long points) {}

    public record Reporter(DeviceId device, long points) {}
}
