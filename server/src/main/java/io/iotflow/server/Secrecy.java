package io.iotflow.server;

import io.iotflow.protocol.Measurement;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.encryption.SealedTelemetry;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.trace.Traces;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is done about sensitive values where features meet them.
final class Secrecy {

    private Secrecy() {}

    /// They are sealed before anything is kept.
    record AtTheDoor(SealedTelemetry sealed) implements Ingest.Sealing {
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

    /// They are not shown where devices are followed.
    record OfTraces(SealedTelemetry sealed) implements Traces.Secrecy {
        @Override
        public boolean isAnythingSensitive(OrganizationPath organization) {
            return sealed.isAnythingSensitive(organization);
        }

        @Override
        public boolean isAnySensitive(OrganizationPath organization, List<Measurement> measurements) {
            return sealed.isAnySensitive(organization, measurements);
        }
    }
}
