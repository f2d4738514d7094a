/// What each device shall be set to, in versions. Start reading at `Configurations`. Uses `core`, `database`, `audit`,
/// `device` and `http`.
package io.iotflow.server.configuration;
