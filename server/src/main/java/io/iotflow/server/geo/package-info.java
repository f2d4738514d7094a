/// Where things are: named geofences, the shapes that they and rules have, and the positions and tracks of devices.
/// Start reading at `Area`, then `Geofences` and `Positions`. Uses `core`, `database`, `audit`, `encryption`, `device`,
/// `telemetry` and `http`; `rule` asks it.
package io.iotflow.server.geo;
