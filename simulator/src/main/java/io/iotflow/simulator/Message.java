package io.iotflow.simulator;

/// One telemetry message on its way.
///
/// @param number of this device's messages, from 1
record Message(long number, byte[] payload) {}
