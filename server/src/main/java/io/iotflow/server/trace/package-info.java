/// Follows single devices for a while: what they send, what processing makes of it, what is kept, and what the rules
/// say. In memory only, in rings of a bounded size. Start reading at `Traces`, then `DeviceTrace` and `MessageTrace`.
/// Uses `core`, `device`, `audit`, `ingest` and `http`.
package io.iotflow.server.trace;
