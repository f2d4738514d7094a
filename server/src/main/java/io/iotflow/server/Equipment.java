package io.iotflow.server;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.device.Device;
import io.iotflow.server.devicetype.DeviceType;
import io.iotflow.server.devicetype.DeviceTypes;
import io.iotflow.server.processing.DeviceSteps;
import io.iotflow.server.processing.OwnSteps;
import io.iotflow.server.sensor.Sensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What is known of devices by their types and their sensors. A sensor knows more of its device than the type does.
record Equipment(DeviceTypes types, Sensors sensors) implements DeviceSteps {
    @Override
    public boolean isEmpty() {
        return sensors.isEmpty() && !types.hasSteps();
    }

    /// Payloads are read first, then sensors' values made right, and what is right is judged.
    @Override
    public List<OwnSteps> of(Device device) {
        var type = types.of(device);
        var decoder = type.map(DeviceType::decoder).orElse(OwnSteps.NONE);
        var ranges = type.map(DeviceType::ranges).orElse(OwnSteps.NONE);
        return Stream.of(decoder, sensors.steps(device.id()), ranges).filter(it -> !it.isEmpty()).toList();
    }

    /// By metric.
    Map<String, String> units(Optional<Device> device, DeviceId id) {
        var units = new HashMap<>(device.flatMap(types::of).map(DeviceType::units).orElse(Map.of()));
        units.putAll(sensors.units(id));
        return units;
    }
}
