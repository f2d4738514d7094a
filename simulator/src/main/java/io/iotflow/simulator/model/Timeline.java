package io.iotflow.simulator.model;

import io.iotflow.protocol.Value;
import java.time.Instant;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// One device's life, read forwards. What it reports at a moment depends on the seed, the device's name, its type and
/// the UTC day on which the simulation starts, and on nothing else: not on how often or when it is asked, nor on what
/// the network did meanwhile. So two runs with the same seed on the same simulated day agree wherever both look.
///
/// Not safe for several threads.
public final class Timeline {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long key;
    private Instant reached;
    private Behaviour state;

    /// @param start when the simulation starts; the device has lived since midnight, so that the room is warm and the
    ///              machine is running when one first looks
    public Timeline(DeviceType type, String name, long seed, Instant start) {
        this.key = key(seed, name);
        this.reached = Day.midnight(start);
        this.state = type.begin(reached, new SplittableRandom(key));
        advanceTo(start);
    }

    /// @param time not before what was asked last, as far as whole steps go
    public SequencedMap<String, Value> readingAt(Instant time) {
        advanceTo(time);
        return state.reading(time, randomAt(time.toEpochMilli(), 1));
    }

    private void advanceTo(Instant time) {
        for (var next = reached.plus(Behaviour.STEP); !next.isAfter(time); next = next.plus(Behaviour.STEP)) {
            state = state.next(next, randomAt(next.toEpochMilli(), 0));
            reached = next;
        }
    }

    /// Random numbers of their own for every moment, so that none depends on how many were drawn before.
    private RandomGenerator randomAt(long millis, int use) {
        return new SplittableRandom(mix(key + GOLDEN * (2 * millis + use)));
    }

    /// A number that belongs to this seed and this name. The same on every machine.
    public static long key(long seed, String name) {
        var key = mix(seed + GOLDEN);
        for (var i = 0; i < name.length(); i++) key = mix(key ^ name.charAt(i) + GOLDEN);
        return key;
    }

    private static long mix(long bits) {
        var mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
