/// Black-box tests: they start the packaged program, `server/target/iotflow/bin/iotflow`, as a process of its own and
/// speak to it only through its ports, its signals and its data folder. Nothing here may use a class of the platform.
/// Start reading at `PackagedPlatform`; `CrashTest` holds the platform to its main promise.
package io.iotflow.acceptance;
