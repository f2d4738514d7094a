/// How each kind of device behaves: pure records that step from one state to the next, given the time and a source of
/// randomness, and know nothing of networks, clocks or threads. Start reading at
/// [io.iotflow.simulator.model.Behaviour]; [io.iotflow.simulator.model.Timeline] is what the rest uses.
/// Uses the protocol module's values and nothing else.
package io.iotflow.simulator.model;
