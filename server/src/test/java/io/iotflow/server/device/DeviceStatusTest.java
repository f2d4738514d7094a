package io.iotflow.server.device;

import static io.iotflow.server.device.DeviceStatus.ACTIVE;
import static io.iotflow.server.device.DeviceStatus.DECOMMISSIONED;
import static io.iotflow.server.device.DeviceStatus.INACTIVE;
import static io.iotflow.server.device.DeviceStatus.MAINTENANCE;
import static io.iotflow.server.device.DeviceStatus.PROVISIONING;
import static io.iotflow.server.device.DeviceStatus.QUARANTINED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceStatusTest {

    @Test
    void lifeHasTheseStepsAndNoOthers() {
        check(PROVISIONING, ACTIVE, QUARANTINED, DECOMMISSIONED);
        check(ACTIVE, INACTIVE, MAINTENANCE, QUARANTINED, DECOMMISSIONED);
        check(INACTIVE, ACTIVE, MAINTENANCE, QUARANTINED, DECOMMISSIONED);
        check(MAINTENANCE, ACTIVE, INACTIVE, QUARANTINED, DECOMMISSIONED);
        check(QUARANTINED, ACTIVE, INACTIVE, MAINTENANCE, DECOMMISSIONED);
        check(DECOMMISSIONED);
    }

    @Test
    void refusalNamesWhatIsAllowed() {
        assertThatThrownBy(() -> PROVISIONING.after(MAINTENANCE)).hasMessage("A device that is provisioning cannot"
                + " become maintenance; allowed: active, quarantined, decommissioned.");
        assertThatThrownBy(() -> DECOMMISSIONED.after(ACTIVE)).hasMessageContaining("nothing may follow");
    }

    @Test
    void deviceCanNeitherAdmitNorFreeItself() {
        assertThat(ACTIVE.afterOwnWord(MAINTENANCE)).isEqualTo(MAINTENANCE);
        for (var from : Set.of(PROVISIONING, QUARANTINED, DECOMMISSIONED)) {
            assertThatThrownBy(() -> from.afterOwnWord(ACTIVE)).isInstanceOf(PlatformException.class);
        }
        assertThatThrownBy(() -> ACTIVE.afterOwnWord(DECOMMISSIONED)).isInstanceOf(PlatformException.class);
    }

    @Test
    void wordsAreReadInAnyCaseWhateverTheLocale() {
        assertThat(DeviceStatus.find("INACTIVE")).contains(INACTIVE);
        assertThat(INACTIVE.word()).isEqualTo("inactive");
        assertThat(DeviceStatus.find("inactıve")).isEmpty();
    }

    private static void check(DeviceStatus from, DeviceStatus... next) {
        for (var to : DeviceStatus.values()) {
            if (to == from || Set.of(next).contains(to)) {
                assertThat(from.after(to)).isEqualTo(to);
            } else {
                assertThatThrownBy(() -> from.after(to)).isInstanceOfSatisfying(PlatformException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.CONFLICT));
            }
        }
    }
}
