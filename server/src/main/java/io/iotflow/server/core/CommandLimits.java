package io.iotflow.server.core;

import java.time.Duration;

/// Bounds of commands and of what is done to many devices at once, as [Limits] are.
public final class CommandLimits {

    /// A request that sends a command, and one that does something to many devices, in bytes.
    public static final int COMMAND_BYTES = 64 << 10;
    public static final int BATCH_BYTES = 2 << 20;

    /// Devices that one command job or one batch may concern: they are held in memory, and kept in one transaction.
    public static final int BATCH_DEVICES = 10_000;

    /// Devices that a batch may set a configuration of all or none: each is locked until all are done.
    public static final int BATCH_ATOMIC_CONFIGURATIONS = 200;

    /// Devices of a batch's preview that are shown, and how long an ended batch is kept.
    public static final int BATCH_PREVIEW = 1_000;
    public static final Duration BATCH_KEPT_TIME = Duration.ofDays(90);

    /// Commands of one device that have not ended, and of these such as are on their way at the same time.
    public static final int COMMANDS_OPEN = 1_000;
    public static final int COMMANDS_UNDER_WAY = 16;

    /// How long a command waits for its device if it does not say so itself, and at the most.
    public static final Duration COMMAND_LIFE = Duration.ofDays(7);
    public static final Duration COMMAND_LONGEST_LIFE = Duration.ofDays(90);

    /// How long a device's client may take to acknowledge a command, and a device to say what came of it; each if the
    /// command does not say so itself, and at the most.
    public static final Duration COMMAND_DELIVERY = Duration.ofSeconds(30);
    public static final Duration COMMAND_LONGEST_DELIVERY = Duration.ofMinutes(10);
    public static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(10);
    public static final Duration COMMAND_LONGEST_TIMEOUT = Duration.ofDays(30);

    /// How often a command is sent if it does not say so itself, and at the most; the pause after the first attempt,
    /// which doubles, and the longest.
    public static final int COMMAND_ATTEMPTS = 10;
    public static final int COMMAND_MOST_ATTEMPTS = 50;
    public static final Duration COMMAND_BACKOFF = Duration.ofSeconds(1);
    public static final Duration COMMAND_LONGEST_PAUSE = Duration.ofMinutes(10);

    /// A command's priority is between this and its negative.
    public static final int COMMAND_PRIORITY = 100;

    /// Steps of one command's life that are kept beside its end, and characters of a device's result.
    public static final int COMMAND_STEPS = 120;
    public static final int COMMAND_RESULT_CHARACTERS = 4_096;

    /// What devices have said of commands and is not kept yet; beyond it the lanes wait.
    public static final int COMMAND_REPORTS = 20_000;

    private CommandLimits() {}
}
