package io.iotflow.server.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.core.Limits;
import org.junit.jupiter.api.Test;

/// How many devices may be followed.
class TracesTest {
    @Test
    void anOrganizationFollowsOnlySoManyDevicesAtOnce() {
        try (var platform = TestPlatform.start()) {
            for (var i = 0; i < Limits.TRACES_OF_ORGANIZATION; i++) {
                platform.call("POST", "/api/v1/devices/" + platform.device("d" + i).id() + "/trace", "");
            }
            var last = "/api/v1/devices/" + platform.device("last").id() + "/trace";
            assertThatThrownBy(() -> platform.call("POST", last, "")).hasMessageContaining("followed already");
            platform.call("POST", "/api/v1/devices/d0/trace", "{\"for\":\"1h\"}"); // that one is already
            var admin = new String[] {"Authorization", "admin " + TestPlatform.TOKEN};
            assertThat(platform.send("DELETE", "/api/v1/devices/d0/trace", "", admin).statusCode()).isEqualTo(204);
            platform.call("POST", last, "");
        }
    }
}
