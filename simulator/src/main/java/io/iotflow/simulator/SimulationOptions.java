package io.iotflow.simulator;

import java.nio.file.Path;
import java.util.Objects;

/// Everything that decides what a simulation does.
///
/// @param maxInFlight telemetry messages of one device that may wait for their acknowledgement at once
public record SimulationOptions(Target target, Fleet fleet, Access access, Pace pace, Faults faults, int maxInFlight) {

    public static final int IN_FLIGHT = 20;
    private static final int IN_FLIGHT_MAX = 1_000;

    public SimulationOptions {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(pace, "pace");
        Objects.requireNonNull(faults, "faults");
        if (maxInFlight < 1 || maxInFlight > IN_FLIGHT_MAX) {
            throw new IllegalArgumentException("--max-in-flight is a number from 1 to 1000, not " + maxInFlight + ".");
        }
        if (access.apiKey().isPresent() && fleet.devices().size() != 1) {
            throw new IllegalArgumentException("--api-key belongs to one device: give --name and --type.");
        }
    }

    /// A faultless fleet in real time, with open registration.
    public static SimulationOptions of(Target target, Fleet fleet, Path keyFile) {
        return new SimulationOptions(target, fleet, Access.open(keyFile), Pace.realTime(1), Faults.none(), IN_FLIGHT);
    }

    public SimulationOptions with(Access changed) {
        return new SimulationOptions(target, fleet, changed, pace, faults, maxInFlight);
    }

    public SimulationOptions with(Pace changed) {
        return new SimulationOptions(target, fleet, access, changed, faults, maxInFlight);
    }

    public SimulationOptions with(Faults changed) {
        return new SimulationOptions(target, fleet, access, pace, changed, maxInFlight);
    }
}
