package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Callers;
import io.iotflow.server.http.Permission;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopicAccessTest {
    private final Map<String, DeviceId> devices = Map.of("lamp", new DeviceId(7), "7", new DeviceId(7),
            "door", new DeviceId(8), "8", new DeviceId(8));
    private final TopicAccess device = new TopicAccess(
            new MqttSession.OfDevice(new DeviceId(7), "lamp", OrganizationPath.ROOT), this::named, FleetGroups.NONE);
    private final TopicAccess operator = new TopicAccess(new MqttSession.OfUser(Callers.ADMIN), this::named,
            FleetGroups.NONE);

    private Optional<DeviceId> named(OrganizationPath scope, String name) {
        return Optional.ofNullable(devices.get(name));
    }

    @Test
    void deviceFollowsItsOwnTreeUnderAnyOfItsNames() {
        check(device, "devices/lamp/commands", "devices/7/commands");
        check(device, "devices/7/commands", "devices/7/commands");
        check(device, "iotflow/devices/lamp/config", "devices/7/config");
        check(device, "iotflow/devices/7/#", "devices/7/#");
        check(device, "devices/lamp/+/result", "devices/7/+/result");
        check(device, "$share/group/devices/lamp/commands", "$share/group/devices/7/commands");
    }

    @Test
    void alertsAreFollowedByUsersOfTheirOrganization() {
        check(operator, "iotflow/alerts/#", "iotflow/alerts/#");
        check(operator, "$share/g/iotflow/alerts/7/siren", "$share/g/iotflow/alerts/7/siren");
        var path = OrganizationPath.ROOT.child(7);
        var theirs = new TopicAccess(new MqttSession.OfUser(new Caller.User(Actor.Kind.USER, "1", "anna", path,
                Set.of(Permission.ALERTS_READ))), this::named, FleetGroups.NONE);
        check(theirs, "iotflow/alerts/7/#", "iotflow/alerts/7/#");
        for (var filter : new String[] {"iotflow/alerts/#", "iotflow/alerts/+/siren", "iotflow/alerts/8/siren",
                "iotflow/alerts/70/siren", "iotflow/alerts/7", "iotflow/alerts/+/#", "alerts/7/#"}) {
            assertThat(theirs.subscription(filter)).as(filter).isEmpty();
        }
        assertThat(device.subscription("iotflow/alerts/1/siren")).isEmpty();
        var blind = new TopicAccess(new MqttSession.OfUser(new Caller.User(Actor.Kind.USER, "1", "anna", path,
                Set.of(Permission.TELEMETRY_READ))), this::named, FleetGroups.NONE);
        assertThat(blind.subscription("iotflow/alerts/7/siren")).isEmpty();
    }

    @Test
    void deviceFollowsNothingElse() {
        for (var filter : new String[] {"#", "+", "devices/#", "devices/+/telemetry", "iotflow/#", "+/lamp/telemetry",
                "devices/door/commands", "devices/8/#", "devices/lamp", "devices/", "devices//commands", "", "/",
                "$SYS/#", "$share/group", "$share/group/#", "$share//devices/8/#", "devices/LAMP/commands",
                "iotflow/iotflow/devices/lamp/config", "devices/lamp+/commands", "devices/lamp#"}) {
            assertThat(device.subscription(filter)).as(filter).isEmpty();
        }
    }

    @Test
    void operatorFollowsEveryDevice() {
        check(operator, "#", "devices/#");
        check(operator, "devices/#", "devices/#");
        check(operator, "iotflow/devices/#", "devices/#");
        check(operator, "devices/+/telemetry", "devices/+/telemetry");
        check(operator, "devices/door/status/#", "devices/8/status/#");
        check(operator, "$share/g/devices/+/telemetry", "$share/g/devices/+/telemetry");
        assertThat(operator.subscription("devices/unknown/telemetry")).isEmpty();
        assertThat(operator.subscription("$SYS/#")).isEmpty();
        assertThat(operator.subscription("+/+/telemetry")).isEmpty();
    }

    @Test
    void topicsComeBackInTheFormInWhichTheyWereAskedFor() {
        device.subscription("iotflow/devices/lamp/commands");
        device.subscription("devices/7/config");
        operator.subscription("iotflow/devices/+/telemetry");
        operator.subscription("devices/door/status/#");

        assertThat(device.asSpoken("devices/7/commands")).isEqualTo("iotflow/devices/lamp/commands");
        assertThat(device.asSpoken("devices/7/config")).isEqualTo("devices/7/config");
        assertThat(operator.asSpoken("devices/8/telemetry")).isEqualTo("iotflow/devices/8/telemetry");
        assertThat(operator.asSpoken("devices/8/status/online")).isEqualTo("devices/door/status/online");
        assertThat(operator.asSpoken("elsewhere/8")).isEqualTo("elsewhere/8");
    }

    @Test
    void sharedSubscriptionComesBackInTheFormInWhichItWasAskedFor() {
        operator.subscription("$share/g/iotflow/devices/door/telemetry");
        assertThat(operator.asSpoken("devices/8/telemetry")).isEqualTo("iotflow/devices/door/telemetry");
    }

    @Test
    void deviceSpeaksForItselfAndOnlyUpwards() {
        checkPublisher(device, "devices/lamp/telemetry", 7L);
        checkPublisher(device, "iotflow/devices/7/status/online", 7L);
        checkPublisher(device, "devices/lamp/commands/4/result", 7L);
        checkPublisher(device, "devices/lamp/commands", null);
        checkPublisher(device, "devices/lamp/config", null);
        checkPublisher(device, "devices/door/telemetry", null);
    }

    @Test
    void operatorSpeaksToDevicesOnly() {
        checkPublisher(operator, "devices/lamp/commands", 7L);
        checkPublisher(operator, "devices/8/commands/restart", 8L);
        checkPublisher(operator, "devices/lamp/commands/4/result", null);
        checkPublisher(operator, "devices/lamp/telemetry", null);
        checkPublisher(operator, "devices/unknown/commands", null);
    }

    @Test
    void filtersCoverTopicsAsTheStandardSays() {
        checkMatch("a/b", "a/b", true);
        checkMatch("a/b", "a/bc", false);
        checkMatch("a/b", "a", false);
        checkMatch("a/#", "a", true);
        checkMatch("a/#", "a/b/c", true);
        checkMatch("a/#", "ab", false);
        checkMatch("a/+", "a/b", true);
        checkMatch("a/+", "a/", true);
        checkMatch("a/+", "a", false);
        checkMatch("a/+", "a/b/c", false);
        checkMatch("+/b", "/b", true);
        checkMatch("a/+/c", "a/b/c", true);
        checkMatch("a/+/c", "a//c", true);
        checkMatch("a/+/#", "a/b", true);
        checkMatch("a/+/#", "a", false);
        checkMatch("+", "", true);
        checkMatch("#", "a/b", true);
    }

    private static void check(TopicAccess access, String filter, String expected) {
        assertThat(access.subscription(filter)).as(filter).contains(expected);
    }

    private static void checkPublisher(TopicAccess access, String topic, Long expected) {
        assertThat(DeviceTopic.parse(topic).flatMap(access::publisher)).as(topic)
                .isEqualTo(Optional.ofNullable(expected).map(DeviceId::new));
    }

    private static void checkMatch(String filter, String topic, boolean expected) {
        assertThat(TopicAccess.matches(filter, topic)).as(filter + " covers " + topic).isEqualTo(expected);
    }
}
