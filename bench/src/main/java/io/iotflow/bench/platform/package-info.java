/// What is measured, seen from outside: the platform as another process ([io.iotflow.bench.platform.Launch]), its
/// HTTP surface ([io.iotflow.bench.platform.PlatformApi]), the memory and processor time of its process tree, and
/// the check that what it acknowledged is in its store ([io.iotflow.bench.platform.Verification]). Uses the load
/// package's words, the JDK and Jackson.
package io.iotflow.bench.platform;
