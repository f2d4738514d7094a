/// How much a device, an address, an organization or a route may ask for in a time. Plumbing: knows no feature.
///
/// Start reading at [RateLimits]. Uses `core` only.
package io.iotflow.server.limits;
