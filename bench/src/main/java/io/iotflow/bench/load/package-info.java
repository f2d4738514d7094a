/// The load generator: cheap enough to share two cores with what it loads. A [io.iotflow.bench.load.Schedule] says
/// when each connection may send (pure), a [io.iotflow.bench.load.Wire] says what goes over the wire (MQTT or HTTP),
/// a loop moves the bytes. Start reading at [io.iotflow.bench.load.Load]. Frames are encoded once and only their
/// digits are patched; nothing is allocated per message. Uses the JDK and HdrHistogram.
package io.iotflow.bench.load;
