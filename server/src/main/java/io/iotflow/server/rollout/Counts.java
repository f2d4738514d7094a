package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// How the devices of a rollout, or of one of its stages, are doing.
///
/// @param waiting   that were offered nothing yet
/// @param open      that are being updated
/// @param failed    also those that went back by themselves
/// @param cancelled called back; they count neither as success nor as failure
record Counts(long waiting, long open, long installed, long failed, long cancelled) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    /// @param status of their updates; `waiting` for those without one
    static Counts of(String status, long devices) {
        return switch (status) {
            case "waiting" -> new Counts(devices, 0, 0, 0, 0);
            case "installed" -> new Counts(0, 0, devices, 0, 0);
            case "failed", "rolled_back" -> new Counts(0, 0, 0, devices, 0);
            case "cancelled" -> new Counts(0, 0, 0, 0, devices);
            default -> new Counts(0, devices, 0, 0, 0);
        };
    }

    long devices() {
        return waiting + open + installed + failed + cancelled;
    }

    /// Of which there is, or will be, an outcome.
    long counting() {
        return devices() - cancelled;
    }

    boolean isOver() {
        return waiting == 0 && open == 0;
    }

    Counts plus(Counts other) {
        return new Counts(waiting + other.waiting, open + other.open, installed + other.installed,
                failed + other.failed, cancelled + other.cancelled);
    }

    ObjectNode write(ObjectNode json) {
        return json.put("devices", devices()).put("waiting", waiting).put("updating", open)
                .put("installed", installed).put("failed", failed).put("cancelled", cancelled);
    }
}
