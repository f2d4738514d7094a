/// Telemetry over HTTP: one message for a device, or many records for many devices. Start reading at
/// `IngestRoutes`. May use `core`, `http`, `device` and `ingest`.
package io.iotflow.server.ingest.http;
