package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ForeignTopicsTest {
    private final Calls calls = new Calls();
    private final ForeignTopics topics = new ForeignTopics(new DeviceId(7), "lamp", calls::command);

    private void means(String topic, String expected) {
        assertThat(topics.published(topic).map(it -> it.kind().word() + " " + it.rest()).orElse("nothing"))
                .as(topic).isEqualTo(expected);
        assertThat(topics.published(topic).map(DeviceTopic::device).orElse("7")).isEqualTo("7");
    }

    private void hears(String filter, String canonical) {
        assertThat(topics.subscription(filter)).as(filter).isEqualTo(Optional.ofNullable(canonical));
        if (canonical != null) assertThat(topics.asSpoken(canonical)).isEqualTo(filter);
    }

    @Test
    void whatDevicesOfOtherPlatformsSendMeansSomethingOfOurs() {
        means("v1/devices/me/telemetry", "telemetry ");
        means("v1/devices/me/attributes", "shadow thingsboard/attributes");
        means("v1/devices/me/attributes/request/12", "shadow thingsboard/attributes/request/12");
        means("v1/devices/me/rpc/request/3", "shadow thingsboard/rpc/request/3");
        means("v2/fw/request/1/chunk/20", "firmware request/v2/1/20");
        means("$aws/things/lamp/shadow/update", "shadow aws/update");
        means("$aws/things/lamp/shadow/delete", "shadow aws/delete");
        for (var other : new String[] {"v1/devices/me/attributes/request/x", "v1/devices/me/attributes/request/",
            "v1/devices/me/attributes/request/12345678901", "v1/devices/you/telemetry", "v1/gateway/telemetry",
            "v2/fw/request/1/chunk/x", "v2/fw/response/1/chunk/0", "v2/sw/request/1/chunk/0",
            "v1/devices/me/", "$aws/things/lamp/shadow/update/accepted", "$aws/things/other/shadow/update",
            "$aws/things/lamp/jobs/get", "$aws/things/7/shadow/update", "foreign/7/aws/update"}) {
            means(other, "nothing");
        }
    }

    @Test
    void whatIsSaidForOthersIsKnownByItsWord() {
        for (var word : new String[] {"connect", "telemetry", "attributes/request", "rpc"}) {
            assertThat(topics.saidForOthers("v1/gateway/" + word).map(DeviceTopic::rest)).contains(word);
        }
        for (var other : new String[] {"v1/gateway/claim", "v1/gateway/", "v1/gateway/attributes/response",
            "v1/devices/me/telemetry"}) {
            assertThat(topics.saidForOthers(other)).as(other).isEmpty();
        }
    }

    @Test
    void theAnswerToACallIsTheResultOfItsCommandForTheDeviceThatWasCalled() {
        var own = calls.number(new DeviceId(7), "command-a");
        var others = calls.number(new DeviceId(8), "command-b");
        means("v1/devices/me/rpc/response/" + own, "commands command-a/result");
        means("v1/devices/me/rpc/response/" + own, "commands command-a/result");
        means("v1/devices/me/rpc/response/" + others, "shadow thingsboard/rpc/response/" + others);
        means("v1/devices/me/rpc/response/9999999999", "shadow thingsboard/rpc/response/9999999999");
    }

    @Test
    void whatTheyHearComesOnTheTopicsThatTheyKnow() {
        hears("v1/devices/me/attributes", "foreign/7/thingsboard/attributes");
        hears("v1/devices/me/rpc/request/+", "foreign/7/thingsboard/rpc/request/+");
        hears("v1/gateway/+", "foreign/7/gateway/+");
        hears("v2/fw/response/+/chunk/+", "foreign/7/fw/response/+/chunk/+");
        hears("$aws/things/lamp/shadow/update/#", "foreign/7/aws/update/#");
        hears("$aws/things/lamp/shadow/+/accepted", "foreign/7/aws/+/accepted");
        for (var other : new String[] {"$aws/things/+/shadow/update", "$aws/#", "v1/devices/+/attributes", "v1/#",
            "foreign/7/aws/#", "$aws/things/lamp2/shadow/get/+"}) {
            hears(other, null);
        }
        assertThat(topics.asSpoken("foreign/8/aws/update/delta")).isEqualTo("foreign/8/aws/update/delta");
    }
}
