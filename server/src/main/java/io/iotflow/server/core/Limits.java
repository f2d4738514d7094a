package io.iotflow.server.core;

import java.time.Duration;

/// Bounds that no configuration changes. Those that configuration may change stand in each feature's config record.
/// `docs/reference/limits.md` lists every one of both kinds, with its unit and reason, and a test compares.
public final class Limits {

    /// Metrics of one device. Keeps the memory for latest values bounded by the number of devices.
    public static final int SERIES_PER_DEVICE = 2_000;

    /// A request's body unless its route says otherwise, in bytes.
    public static final int HTTP_BODY_BYTES = 1 << 20;

    /// JSON in a request: levels of nesting, characters of one name, characters of one number. Deep nesting costs
    /// stack, long names and numbers cost time that grows faster than their length.
    public static final int JSON_DEPTH = 64;
    public static final int JSON_NAME_CHARACTERS = 1_024;
    public static final int JSON_NUMBER_CHARACTERS = 128;

    /// The first line and the headers of a request, in bytes.
    public static final int HTTP_REQUEST_LINE_BYTES = 8 << 10;
    public static final int HTTP_HEADER_BYTES = 16 << 10;

    /// One WebSocket message from a client, in bytes.
    public static final int WEBSOCKET_MESSAGE_BYTES = 64 << 10;

    /// Rows of a page when the caller names no `limit`, and at the most.
    public static final int PAGE_DEFAULT = 100;
    public static final int PAGE_MAX = 10_000;

    /// How long a query waits for the store to reach what was acknowledged before the query began.
    public static final Duration CATCH_UP = Duration.ofSeconds(1);

    private Limits() {}
}
