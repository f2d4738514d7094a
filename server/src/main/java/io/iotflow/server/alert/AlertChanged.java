package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.function.Supplier;

/// Something has happened to an alert, and is kept.
///
/// @param fields what there is to say about it, in the API's words
public record AlertChanged(DeviceId device, String deviceName, OrganizationPath organization, Instant at,
                           Supplier<ObjectNode> fields) {

    /// Told after the commit, in the order of the changes to each alert; MUST be quick and not throw.
    @FunctionalInterface
    public interface Listener {
        void changed(AlertChanged change);
    }

    static AlertChanged of(Alert alert, String event, Instant at) {
        var subject = alert.subject();
        return new AlertChanged(subject.device(), subject.deviceName(), subject.organization(), at,
                () -> AlertJson.live(alert, event));
    }
}
