package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/// A camera: quiet for long, then a burst of motion that raises the bit rate and fills the disk.
///
/// @param burstStepsLeft 0 while nothing moves
/// @param events         bursts since midnight
/// @param storage        percent of the disk in use; cleared to a fifth when it is nearly full
record Camera(double busyness, int burstStepsLeft, double strength, int events, double storage)
        implements Behaviour {

    static Camera begin(RandomGenerator random) {
        return new Camera(0.5 + random.nextDouble(), 0, 0, 0, 20 + 50 * random.nextDouble());
    }

    @Override
    public Camera next(Instant time, RandomGenerator random) {
        var today = Day.midnight(time).equals(time) ? 0 : events;
        var written = storage + (burstStepsLeft > 0 ? 0.004 : 0.0004);
        var kept = written > 95 ? 20 : written;
        if (burstStepsLeft > 0) return new Camera(busyness, burstStepsLeft - 1, strength, today, kept);
        // What moved often moves again: a short burst is the likeliest, a long one not rare.
        if (random.nextDouble() >= burstsPerHour(time) * Behaviour.stepHours()) {
            return new Camera(busyness, 0, 0, today, kept);
        }
        var steps = 2 + (int) Math.min(60, -8 * Math.log(1 - random.nextDouble()));
        return new Camera(busyness, steps, 0.3 + 0.7 * random.nextDouble(), today + 1, kept);
    }

    private double burstsPerHour(Instant time) {
        return busyness * (0.2 + 12 * Day.bell(time, 9, 1.5) + 10 * Day.bell(time, 17.5, 2)
                + (Day.isBetween(time, 8, 20) ? 4 : 0));
    }

    @Override
    public SequencedMap<String, Value> reading(Instant time, RandomGenerator random) {
        var motion = burstStepsLeft > 0;
        var score = motion ? Math.clamp(strength + 0.1 * random.nextGaussian(), 0.2, 1) : 0.02 * random.nextDouble();
        return new Readings()
                .flag("motion", motion)
                .real("motion_score", score, 2)
                .whole("motion_events", events)
                .whole("bitrate_kbps", 600 + 3_400 * score + 40 * random.nextGaussian())
                .whole("frames_per_second", motion ? 25 : 10)
                .flag("night_vision", !Day.isBetween(time, 6.5, 19.5))
                .real("storage_percent", storage, 2)
                .done();
    }
}
