package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A key that is replaced lets its connections live until its grace ends, and no longer.
class KeyGraceTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final AtomicReference<Duration> AHEAD = new AtomicReference<>(Duration.ZERO);
    private static TestPlatform platform;
    private final TestDevice device = platform.device("rotating-" + NUMBER.incrementAndGet());

    @BeforeAll
    static void start() {
        platform = TestPlatform.start(() -> Instant.now().plus(AHEAD.get()));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static void pass(int minutes) {
        AHEAD.updateAndGet(before -> before.plusMinutes(minutes));
    }

    /// The new key.
    private String rotate(int graceMinutes) {
        return platform.call("POST", "/api/v1/admin/devices/" + device.id() + "/api-key",
                "{\"grace_seconds\":" + graceMinutes * 60 + "}").findValue("api_key").textValue();
    }

    private RawMqtt connected(String name, String key) {
        var client = new RawMqtt(platform.mqttPort());
        client.send(connect(V3, name, device.name(), key, 0, true));
        assertThat(client.packet()).isEqualTo("20020000");
        return client;
    }

    @Test
    void connectionsOfAnOldKeyEndWithItsGrace() {
        try (var before = connected("before", device.key())) {
            var newKey = rotate(60);
            try (var during = connected("during", device.key()); var renewed = connected("renewed", newKey)) {
                pass(59);
                before.expectNothingMore();
                pass(2);
                assertThat(before.untilClosed()).isEmpty();
                assertThat(during.untilClosed()).isEmpty();
                renewed.expectNothingMore();
            }
        }
    }

    @Test
    void aLaterRotationMayShortenTheGraceButNeverLengthensIt() {
        try (var first = connected("first", device.key())) {
            var key2 = rotate(120);
            try (var second = connected("second", key2)) {
                var key3 = rotate(60);
                try (var third = connected("third", key3)) {
                    var key4 = rotate(180);
                    pass(61);
                    assertThat(first.untilClosed()).isEmpty();
                    assertThat(second.untilClosed()).isEmpty();
                    third.expectNothingMore();
                    pass(120);
                    assertThat(third.untilClosed()).isEmpty();
                    connected("fourth", key4).expectNothingMore().close();
                }
            }
        }
    }

    @Test
    void manyRotationsEndEachKeyInItsTurn() {
        var clients = new ArrayList<RawMqtt>();
        var key = device.key();
        for (int i = 0; i < 8; i++) { // fewer than the keys that are kept
            clients.add(connected("client-" + i, key));
            key = rotate(60);
            pass(10);
        }
        // Five are still within their hour: the first was replaced 80 minutes ago, the third 60, the last 10.
        for (int i = 0; i < 3; i++) assertThat(clients.get(i).untilClosed()).as("client " + i).isEmpty();
        for (int i = 3; i < 8; i++) clients.get(i).expectNothingMore().close();
    }
}
