/// Where things are: named geofences, and the shapes that they and rules have. Start reading at `Area`, then
/// `Geofences`. Uses `core`, `database`, `audit` and `http`; `rule` asks it.
package io.iotflow.server.geo;
