package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.List;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// A front door: locked at rest; unlocked, opened, closed and locked again when somebody passes.
///
/// @param stepsLeft steps until the phase ends by itself
/// @param openings  counted since midnight
record DoorLock(double busyness, Phase phase, int stepsLeft, int openings, String lastMethod, Battery battery)
        implements Behaviour {

    enum Phase { LOCKED, OPEN, CLOSED }

    private static final List<String> METHODS = List.of("keypad", "app", "key", "fingerprint");
    /// The motor's share of the battery for one passage.
    private static final double PERCENT_PER_OPENING = 0.01;

    static DoorLock begin(RandomGenerator random) {
        return new DoorLock(0.6 + 0.8 * random.nextDouble(), Phase.LOCKED, 0, 0, "key", Battery.begin(random));
    }

    @Override
    public DoorLock next(Instant time, RandomGenerator random) {
        var today = Day.midnight(time).equals(time) ? 0 : openings;
        if (phase != Phase.LOCKED && stepsLeft > 1) return resting(phase, stepsLeft - 1, today);
        return switch (phase) {
            case LOCKED -> random.nextDouble() < passagesPerHour(time) * Behaviour.stepHours()
                    ? new DoorLock(busyness, Phase.OPEN, 1 + random.nextInt(6), today + 1,
                            METHODS.get(random.nextInt(METHODS.size())), battery.next(PERCENT_PER_OPENING))
                    : resting(Phase.LOCKED, 0, today);
            case OPEN -> resting(Phase.CLOSED, 1 + random.nextInt(5), today);
            case CLOSED -> resting(Phase.LOCKED, 0, today);
        };
    }

    private DoorLock resting(Phase phase, int stepsLeft, int openings) {
        return new DoorLock(busyness, phase, stepsLeft, openings, lastMethod, battery.next(0));
    }

    /// Leaving in the morning, coming home in the evening; a little all day; almost nothing at night.
    private double passagesPerHour(Instant time) {
        var rush = Day.isWorkday(time)
                ? 6 * Day.bell(time, 8, 0.7) + 5 * Day.bell(time, 18, 1.2)
                : 3 * Day.bell(time, 12, 3);
        return busyness * (0.05 + rush + (Day.isBetween(time, 7, 22) ? 0.7 : 0));
    }

    @Override
    public SequencedMap<String, Value> reading(Instant time, RandomGenerator random) {
        return new Readings()
                .flag("locked", phase == Phase.LOCKED)
                .flag("door_open", phase == Phase.OPEN)
                .whole("openings", openings)
                .text("last_method", lastMethod)
                .real("battery", battery.percent(), 3)
                .done();
    }
}
