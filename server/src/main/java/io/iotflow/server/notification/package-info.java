/// Tells people and programs about alerts: channels, and an outbox in the database that forgets nothing. Start reading
/// at `Notices`. Uses `core`, `database`, `audit`, `encryption` and `http`.
package io.iotflow.server.notification;
