/// ThingsBoard's device API over HTTP, for devices that were made for it. Over MQTT the same is done by the topics of
/// `ingest.mqtt` and by dialects of `shadow`.
///
/// Start reading at `ThingsBoardRoutes`. May use `core`, `http`, `device`, `ingest` with its adapters, `shadow` and
/// `command`.
package io.iotflow.server.thingsboard;
