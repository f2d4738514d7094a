/// Keeps telemetry: every measurement of every device, in QuestDB inside this process, and answers for it.
/// Start reading at [io.iotflow.server.telemetry.TelemetryStore] (what is promised), then
/// [io.iotflow.server.telemetry.SeriesCatalogue] (which metrics a device has, and their latest values, in memory)
/// and [io.iotflow.server.telemetry.TelemetryRoutes] (HTTP). Uses `core`, `http` and the protocol module; knows
/// neither the registry nor the log: both are handed in as small interfaces.
package io.iotflow.server.telemetry;
