/// Seals what must not stand in the clear on disk, and opens it for whoever may see it: values of sensitive metrics,
/// sensitive metadata of devices, and the platform's own secrets.
///
/// The master key ([io.iotflow.server.encryption.MasterKey]) stands outside the database and wraps the wrapping key;
/// that one wraps the platform's key and the keys of the organizations. Start reading at
/// [io.iotflow.server.encryption.KeyRing], then [io.iotflow.server.encryption.SensitiveFields] (what is sealed). Uses
/// `core`, `database`, `audit`, `http` and the protocol module.
package io.iotflow.server.encryption;
