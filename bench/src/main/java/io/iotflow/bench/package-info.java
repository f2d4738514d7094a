/// The commands of `./iotflow bench`: each starts (or is given) the packaged platform as another process, loads it
/// from outside, checks what it answers and reports figures. Start reading at [io.iotflow.bench.Main], then
/// [io.iotflow.bench.IngestCommand]. Uses the packages below it.
package io.iotflow.bench;
