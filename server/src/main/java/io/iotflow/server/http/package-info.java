/// The HTTP plumbing: one table of routes on two ports, one place that writes refusals. It knows no feature; features
/// implement [Routes] and are handed to [HttpListener] by `Platform`. Every handler runs on its own virtual thread
/// and may block.
///
/// Start reading at [HttpListener], then `Dispatcher`, which is the life of one request. Uses `core`, `limits`
/// and `certificate`.
package io.iotflow.server.http;
