/// Commands to devices, from the wish to the result. Start reading at `CommandLife`, which is pure; `Commands` is the
/// door, `CommandWorker` brings commands to devices that listen and keeps what becomes of them, `CommandJobs` has one
/// command for many. May use `core`, `database`, `audit`, `http`, `device`, `live` and `ingest`'s events, and sends
/// through what `Platform` hands it.
package io.iotflow.server.command;
