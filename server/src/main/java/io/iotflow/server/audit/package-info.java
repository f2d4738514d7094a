/// Who did what to what: entries in the same transaction as the act, numbered into the log of module `ledger`. Start
/// reading at `Audit` to record something, at `AuditSequencer` for how the log grows. Uses `core`, `database` and
/// `http`; every feature that changes something may use it.
package io.iotflow.server.audit;
