/// The log in front of everything: what it has committed is on disk and is acknowledged; whatever follows
/// (the telemetry store, the lanes) reads it in order and remembers how far it came.
///
/// Start reading at `Journal`; `Frame` is the format on disk, `Segment` one file, `JournalReader` a follower's view.
/// May use `core` only; knows nothing of what its records mean.
package io.iotflow.server.journal;
