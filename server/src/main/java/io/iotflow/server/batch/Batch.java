package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What is done to many devices.
///
/// @param by       in whose name
/// @param isAtomic whether it is done to all of them or to none
/// @param devices  how many there are
record Batch(long id, OrganizationPath organization, String operation, ObjectNode params, Actor by, boolean isAtomic,
             int devices, Instant createdAt, Optional<Instant> endedAt) {

    enum Outcome {
        WAITING, DONE, UNCHANGED, FAILED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What came of it at one device.
    record Line(int place, DeviceId device, String name, Outcome outcome, String detail) {
        Line ended(Outcome end, String why) {
            return new Line(place, device, name, end, why);
        }
    }

    Audit.Target target() {
        return new Audit.Target("batch", Long.toString(id), operation, organization);
    }
}
