/// What operators and their tools ask: is it healthy, how much is it doing. Parts of the platform hand in their
/// [HealthCheck]s and register their figures with [Metrics]; [OperationsRoutes] answers. Uses `http` and `core`.
package io.iotflow.server.operations;
