/// Alert rules: conditions over what devices measure, decided after the log's commit, one thread for each device. Start
/// reading at `Condition`, which decides, and `RuleEngine`, which brings it the events. Uses `core`, `database`,
/// `audit`, `device`, `telemetry`, `language`, `geo`, `alert`, `action`, `ingest`'s events and `http`.
package io.iotflow.server.rule;
