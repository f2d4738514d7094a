package io.iotflow.server.core;

import java.time.Duration;

/// Bounds of everything about firmware and rollouts that can grow; as in [Limits], which would be too long with them.
public final class FirmwareLimits {
    /// A firmware image: its bytes, images of one organization, characters of its name and notes, kinds of devices that
    /// it names; how long an upload may rest. Then the same of keys that sign firmware, and their signatures.
    public static final long FIRMWARE_IMAGE_BYTES = 1L << 30;
    public static final int FIRMWARE_IMAGES = 1_000;
    public static final int FIRMWARE_NAME_CHARACTERS = 128;
    public static final int FIRMWARE_NOTES_CHARACTERS = 10_000;
    public static final int FIRMWARE_KINDS = 100;
    public static final Duration FIRMWARE_UPLOAD_TIME = Duration.ofDays(1);
    public static final int FIRMWARE_KEYS = 20;
    public static final int FIRMWARE_KEY_CHARACTERS = 2_000;
    public static final int FIRMWARE_SIGNATURE_CHARACTERS = 1_000;

    /// Memory for each upload and download; over MQTT a chunk, unless the device asks for another size, the largest,
    /// and requests that are answered at the same time.
    public static final int FIRMWARE_BUFFER_BYTES = 64 << 10;
    public static final int FIRMWARE_CHUNK_BYTES = 16 << 10;
    public static final int FIRMWARE_LARGEST_CHUNK_BYTES = 128 << 10;
    public static final int FIRMWARE_CHUNKS_AT_ONCE = 64;

    /// Deltas: bytes of the images that they are made between, since both are in memory then; how many of them wait to
    /// be made; from how many versions before one is made unasked; how large it may be, in percent of the image.
    public static final long FIRMWARE_DELTA_IMAGE_BYTES = 32L << 20;
    public static final int FIRMWARE_DELTAS_WAITING = 100;
    public static final int FIRMWARE_DELTA_BASES = 3;
    public static final int FIRMWARE_DELTA_PERCENT = 80;

    /// One update: how often it is tried, how long nothing may be heard of it, characters that a device says, lines of
    /// its timeline, and how many it may have when one comes that changes only what the device says; how long after it
    /// a device that runs what it ran before counts as gone back; attributes that a device says of itself.
    public static final int FIRMWARE_ATTEMPTS = 10;
    public static final Duration FIRMWARE_PATIENCE = Duration.ofDays(7);
    public static final int FIRMWARE_DETAIL_CHARACTERS = 500;
    public static final int FIRMWARE_STEPS = 100;
    public static final int FIRMWARE_DETAIL_STEPS = 40;
    public static final Duration FIRMWARE_SETTLE_TIME = Duration.ofHours(1);
    public static final int FIRMWARE_ATTRIBUTES = 100;

    /// Updates of one device that are shown, and kept beside those of rollouts; reports over MQTT that wait to be
    /// written; updates that are dealt with in one transaction.
    public static final int FIRMWARE_UPDATES_SHOWN = 20;
    public static final int FIRMWARE_UPDATES_KEPT = 100;
    public static final int FIRMWARE_REPORTS = 10_000;
    public static final int FIRMWARE_AT_ONCE = 500;

    /// Rollouts of one organization, stages of one, its maintenance windows, names in its scope, its devices.
    public static final int ROLLOUTS = 1_000;
    public static final int ROLLOUT_STAGES = 20;
    public static final int ROLLOUT_WINDOWS = 20;
    public static final int ROLLOUT_SCOPE_NAMES = 1_000;
    public static final int ROLLOUT_DEVICES = 1_000_000;

    private FirmwareLimits() {}
}
