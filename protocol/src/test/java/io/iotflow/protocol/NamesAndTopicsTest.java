package io.iotflow.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.DeviceTopic.Kind;
import net.jqwik.api.Example;

class NamesAndTopicsTest {

    @Example
    void metricNames() {
        for (var name : new String[] {"a", "A-z_0.9:/", ".", "a..b", "n".repeat(128)}) {
            assertThat(MetricName.isValid(name)).as(name).isTrue();
        }
        for (var name : new String[] {"", " ", "a b", "a\0", "ı", "İ", "ü", "\ud800", "a+", "#", "n".repeat(129)}) {
            assertThat(MetricName.isValid(name)).as(name).isFalse();
        }
    }

    private static void check(String rest, String device, Kind kind, String below, boolean up) {
        for (var root : new String[] {"devices/", "iotflow/devices/"}) {
            var topic = DeviceTopic.parse(root + rest).orElseThrow();
            assertThat(topic).as(root + rest).isEqualTo(new DeviceTopic(device, kind, below));
            assertThat(topic.isUp()).as(root + rest).isEqualTo(up);
        }
    }

    @Example
    void topicsOfBothRoots() {
        check("7/telemetry", "7", Kind.TELEMETRY, "", true);
        check("a b/telemetry/x/y", "a b", Kind.TELEMETRY, "x/y", true);
        check("7/telemetry/", "7", Kind.TELEMETRY, "", true);
        check("7/commands", "7", Kind.COMMANDS, "", false);
        check("7/commands/5/result", "7", Kind.COMMANDS, "5/result", true);
        check("7/config", "7", Kind.CONFIG, "", false);
        for (var topic : new String[] {"", "devices", "devices/", "devices//telemetry", "devices/7", "devices/7/",
            "devices/7/TELEMETRY", "devices/7/telemetryx", "devices/7/tele", "/devices/7/telemetry",
            "x/devices/7/config", "Devices/7/config", "iotflow/7/config"}) {
            assertThat(DeviceTopic.parse(topic)).as(topic).isEmpty();
        }
        assertThat(DeviceTopic.deviceOf("iotflow/devices/7/#")).contains("7");
        assertThat(DeviceTopic.deviceOf("devices/7")).contains("7");
        assertThat(DeviceTopic.deviceOf("devices//x")).isEmpty();
        assertThat(DeviceTopic.of("7", Kind.COMMANDS, "x")).isEqualTo("devices/7/commands/x");
    }
}
