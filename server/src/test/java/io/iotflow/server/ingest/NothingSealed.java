package io.iotflow.server.ingest;

import io.iotflow.protocol.Measurement;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Where nothing is sensitive.
public record NothingSealed() implements Ingest.Sealing {
    @Override
    public List<Measurement> seal(OrganizationPath organization, DeviceId device, List<Measurement> measurements,
            Map<String, Set<String>> origins) {
        return measurements;
    }

    @Override
    public boolean isAnySealed(OrganizationPath organization, List<Measurement> measurements) {
        return false;
    }
}
