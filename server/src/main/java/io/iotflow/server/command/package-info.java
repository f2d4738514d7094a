/// Commands to devices. Start reading at `CommandRoutes`. May use `core`, `http`, `device` and publishes through what
/// `Platform` hands it.
package io.iotflow.server.command;
