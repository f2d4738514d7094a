/// What somebody does to many devices at once: a status, tags, a group, a configuration, a command, firmware, the end
/// of their lives. Start reading at `Operation`; `Batches` keeps what is to be done, `BatchWorker` does it a part at a
/// time, each part in one transaction with its outcomes. Uses `core`, `database`, `audit`, `http`, `device`, `group`,
/// `configuration`, `command` and `firmware`.
package io.iotflow.server.batch;
