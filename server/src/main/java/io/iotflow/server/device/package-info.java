/// Devices: who they are (`DeviceRegistry`), how they prove it (`Credentials`), whether they are there (`Presence`),
/// and the HTTP calls about all that. Start reading at `DeviceRegistry`. Uses `core`, `database`,
/// `audit`, `http` and `certificate`.
package io.iotflow.server.device;
