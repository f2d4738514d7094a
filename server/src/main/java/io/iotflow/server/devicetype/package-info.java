/// The catalogue of device types: what devices of a type measure, in which units and ranges, how their payloads are
/// read, and what is made for them. Start reading at `DeviceTypes`. Uses `processing` (for the steps that a type brings
/// along), `encryption`, `device`, `audit`, `database` and `http`; how rules are made is handed in.
package io.iotflow.server.devicetype;
