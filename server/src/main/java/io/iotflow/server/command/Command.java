package io.iotflow.server.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// A command to one device, as it is kept.
///
/// @param number   the later, the greater; 0 until it is kept
/// @param id       as the device knows it
/// @param job      of which it is a part
/// @param author   who has sent it
/// @param priority the greater goes first
/// @param key      by which it is known when it is sent again
record Command(long number, UUID id, OrganizationPath organization, DeviceId device, OptionalLong job, String type,
               ObjectNode parameters, String author, int priority, Optional<String> key, Instant createdAt,
               CommandLife life) {

    Command with(CommandLife next) {
        return new Command(number, id, organization, device, job, type, parameters, author, priority, key, createdAt,
                next);
    }

    /// As what something was done to.
    Audit.Target target() {
        return new Audit.Target("command", id.toString(), type, organization);
    }
}
