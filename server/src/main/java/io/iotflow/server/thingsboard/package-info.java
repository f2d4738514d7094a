/// ThingsBoard's device API over HTTP, for devices that were made for it. Over MQTT the same is done by the topics of
/// `ingest.mqtt` and by a dialect of `shadow`.
///
/// Start reading at `ThingsBoardRoutes`. May use `core`, `http`, `device`, `ingest` and `shadow`.
package io.iotflow.server.thingsboard;
