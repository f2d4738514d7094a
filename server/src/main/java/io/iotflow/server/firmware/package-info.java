/// Firmware: images on disk with what is known of them, the keys that sign them, and the update of one device from the
/// offer to what it really runs. Start reading at `UpdateLife`, which is pure, then at `Updates` and `Images`. Uses
/// `core`, `database`, `audit`, `http`, `device` and `ingest`'s events; publishing is handed in.
package io.iotflow.server.firmware;
