/// Commands to devices. Start reading at `Commands`. May use `core`, `http`, `device` and publishes through what
/// `Platform` hands it.
package io.iotflow.server.command;
