package io.iotflow.server.core;

import java.time.Duration;

/// Bounds of shadows and of what devices of other platforms send, in the manner of [Limits].
public final class ShadowLimits {

    /// One half of a device's shadow: bytes as JSON, keys on all levels, levels. A message about it may have the bytes
    /// of both halves.
    public static final int SHADOW_BYTES = 32 << 10;
    public static final int SHADOW_KEYS = 1_000;
    public static final int SHADOW_DEPTH = 10;
    public static final int SHADOW_MESSAGE_BYTES = 2 * SHADOW_BYTES;

    /// Characters of what a device sends with a request to know its answer by.
    public static final int SHADOW_TOKEN_CHARACTERS = 64;

    /// Changes of a desired half that are kept.
    public static final int SHADOW_HISTORY = 100;

    /// Memory for shadows, in bytes by estimate; the others are read when they are needed.
    public static final long SHADOW_MEMORY_BYTES = 128L << 20;

    /// Shadows that wait to be written, how many are written at once, and how often. When more wait, the lanes stand
    /// still.
    public static final int SHADOWS_WAITING = 20_000;
    public static final int SHADOWS_AT_ONCE = 1_000;
    public static final Duration SHADOW_WRITE_EVERY = Duration.ofMillis(500);

    /// Commands to devices of ThingsBoard that wait for their answer, and for how long; an answer after that is
    /// nobody's.
    public static final int FOREIGN_CALLS = 100_000;
    public static final Duration FOREIGN_CALL_TIME = Duration.ofHours(24);

    /// How long a request of a device of ThingsBoard is held open until something comes, unless it says how long, and
    /// at the most.
    public static final Duration FOREIGN_POLL_TIME = Duration.ofSeconds(60);

    /// Devices that one connection of a gateway speaks for at a time, and that a gateway may bring at the most.
    public static final int GATEWAY_DEVICES = 10_000;

    /// How long a request waits for its device's lane after its update is on disk.
    public static final Duration SHADOW_WAIT = Duration.ofSeconds(5);

    private ShadowLimits() {}
}
