/// The one door for what devices send. An adapter (`mqtt`, `http`, …) authenticates and decodes its own protocol and
/// calls `Ingest.accept`; the message is decoded, checked and appended to the journal; when the journal has
/// committed it, the adapter acknowledges. What follows the journal starts here too: `StoreFollower` feeds the
/// telemetry store, `Lanes` hand each event to the features that react to it.
///
/// Start reading at `Ingest`. May use `core`, `journal` and `telemetry`; its adapters live in packages below.
package io.iotflow.server.ingest;
