/// What is happening now, over WebSocket (`/ws`) and server-sent events (`/api/v1/stream`). Costs nothing while nobody
/// listens; a reader that is too slow is told how much it missed and delays nobody.
///
/// Start reading at `LiveFeed`. May use `core`, `http`, `telemetry` and the events of `ingest`.
package io.iotflow.server.live;
