/// Telemetry over HTTP: one message for a device, or many records for many devices. Start reading at `IngestRoutes`.
package io.iotflow.server.ingest.http;
