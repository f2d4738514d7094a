package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;

/// One version of a device's configuration.
///
/// @param version counted from 1 for each device; 0 when none was ever set
/// @param entries `{key: {value, data_type, updated_at}}`; nobody may change it
public record Configuration(DeviceId device, long version, JsonNode entries) {

    static Configuration none(DeviceId device) {
        return new Configuration(device, 0, JsonNodeFactory.instance.objectNode());
    }
}
