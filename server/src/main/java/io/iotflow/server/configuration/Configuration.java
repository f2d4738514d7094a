package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;

/// What a device is to have, with all that it inherits.
///
/// @param version grows with every change, whichever level made it; 0 when nothing was ever set
/// @param entries `{key: {value, data_type, updated_at}}`; nobody may change it
public record Configuration(DeviceId device, long version, JsonNode entries) {

    static Configuration none(DeviceId device) {
        return new Configuration(device, 0, JsonNodeFactory.instance.objectNode());
    }

    /// Of the values: a device that keeps it can say what it has in one word.
    public String hash() {
        return Content.hash(Content.values(entries));
    }
}
