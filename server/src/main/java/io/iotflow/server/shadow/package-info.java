/// What each device says of itself and what it shall be: its shadow, in two halves. The device changes the reported
/// half through the log, people change the desired half in the database, and the device is told the difference.
///
/// Start reading at `Shadows`. May use `core`, `database`, `audit`, `device`, `http` and `ingest`; publishes through
/// what `Platform` hands it.
package io.iotflow.server.shadow;
