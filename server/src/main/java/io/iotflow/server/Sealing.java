package io.iotflow.server;

import io.iotflow.protocol.Measurement;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.encryption.SealedTelemetry;
import io.iotflow.server.ingest.Ingest;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is sensitive is sealed at the door.
record Sealing(SealedTelemetry sealed) implements Ingest.Sealing {
    @Override
    public List<Measurement> seal(OrganizationPath organization, DeviceId device, List<Measurement> measurements,
            Map<String, Set<String>> origins) {
        return sealed.seal(organization, device, measurements, origins);
    }

    @Override
    public boolean isAnySealed(OrganizationPath organization, List<Measurement> measurements) {
        return sealed.isAnySensitive(organization, measurements);
    }
}
