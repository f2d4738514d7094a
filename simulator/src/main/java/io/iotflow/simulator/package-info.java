/// Fleets of pretend devices, for trying the platform without owning one. They register, connect, report, fail and
/// answer commands as real ones would, over the same public interfaces. Start reading at
/// [io.iotflow.simulator.Simulation], which starts a fleet, then `PretendDevice`, which is one of them; what they
/// measure is in [io.iotflow.simulator.model]. Knows nothing of the server's code.
package io.iotflow.simulator;
