/// What has happened to one device, put together from what other features keep. Start reading at `Kind`, which says in
/// SQL what each of them tells; nothing else of theirs is used, and nothing is written. Uses `core`, `database`,
/// `device` and `http`.
package io.iotflow.server.timeline;
