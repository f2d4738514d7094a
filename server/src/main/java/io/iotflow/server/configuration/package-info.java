/// What each device shall be set to, and whether it is. Types, groups and devices have versions (`Versions`), of which
/// one each is active; `Settling` merges those into what a device is to have, `Publisher` hands it on, and
/// `ConfigurationWorker` does so for all devices of a type or a group. What devices say of it comes by
/// `ConfigurationReports` to `Recorder`, which judges whether they drift. Start reading at `Configurations`. Uses
/// `core`, `database`, `audit`, `device`, `http` and `ingest`'s events.
package io.iotflow.server.configuration;
