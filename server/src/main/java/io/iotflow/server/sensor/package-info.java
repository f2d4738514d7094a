/// Sensors of devices: what measures which metric, how it was calibrated, and until when that is good. Start reading at
/// `Sensors`; values that are stored already are calculated again by `Recalculation`. Uses `processing` (for the steps
/// that a sensor brings along), `telemetry`, `ingest`, `encryption`, `device`, `audit`, `database` and `http`.
package io.iotflow.server.sensor;
