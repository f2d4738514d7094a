/// What travels between a device and the platform: measurements, the payload formats that carry them
/// and the topic names. Used by the server, the simulator and the device SDK alike, so that both ends
/// cannot disagree. Start reading at [io.iotflow.protocol.Measurement]. Uses the JDK and Jackson's
/// streaming parser, nothing else.
package io.iotflow.protocol;
