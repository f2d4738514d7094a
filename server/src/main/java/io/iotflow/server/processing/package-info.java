/// Processing rules: what happens to measurements between decoding and storing them. Start reading at
/// `ProcessingRules`; what the steps of a rule do to one message stands in `Work`. Uses `ingest` (whose `Processing`
/// it is), `telemetry`, `device`, `language`, `audit`, `database` and `http`.
package io.iotflow.server.processing;
