package io.iotflow.server;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.Actor;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.group.GroupUse;
import io.iotflow.server.processing.ProcessingRules;
import io.iotflow.server.rule.Rules;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/// Rules name groups in their scopes, and groups have configurations.
record GroupUses(Rules rules, ProcessingRules processing, Configurations configurations) implements GroupUse {
    @Override
    public List<Audit.Target> naming(DeviceGroup group) {
        return Stream.concat(rules.ofGroup(group).stream(), processing.ofGroup(group).stream()).toList();
    }

    @Override
    public void deleted(Handle handle, Actor by, DeviceGroup group) {
        configurations.groupDeleted(handle, by, group);
    }
}
