/// The platform: `Main` reads the command line, `PlatformConfig` the configuration, and `Platform` wires
/// every part by hand. Start reading at `Platform`. Features live in the packages below; none of them
/// may use this package.
package io.iotflow.server;
