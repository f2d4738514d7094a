/// What rules do to devices beside telling somebody: commands, configuration, quarantine, tags. Start reading at
/// `Action`; `ActionQueue` writes down what is to be done in the alert's transaction, `ActionWorker` does it. Uses
/// `core`, `database`, `audit`, `http`, `device`, `configuration`, `command`, `notification`'s notices and `alert`.
package io.iotflow.server.action;
