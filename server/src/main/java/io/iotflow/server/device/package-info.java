/// Devices: who they are (`DeviceRegistry`), how they prove it (`Credentials`), whether they are there (`Presence`),
/// which of them are meant (`DeviceFilter`, `DeviceSearch`), and the HTTP calls about all that. Start reading at
/// `DeviceRegistry`. Uses `core`, `database`, `audit`, `encryption`, `http`, `certificate` and `language`.
package io.iotflow.server.device;
