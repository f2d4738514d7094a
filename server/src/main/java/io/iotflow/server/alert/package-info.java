/// What rules have found, and what people do about it. Start reading at `Alerts`, then `Life`, which is every way in
/// which an alert can change. `AlertWriter` makes alerts of what is submitted to `Alerts`, a `Round` at a time; what
/// people do goes through `AlertDesk`. Uses `core`, `database`, `audit`, `notification`, `http`, and of `ingest`
/// what the lanes ask before they save their place.
package io.iotflow.server.alert;
