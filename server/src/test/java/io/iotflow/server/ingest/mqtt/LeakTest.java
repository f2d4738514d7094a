package io.iotflow.server.ingest.mqtt;

import static io.iotflow.server.ingest.mqtt.RawMqtt.V3;
import static io.iotflow.server.ingest.mqtt.RawMqtt.V5;
import static io.iotflow.server.ingest.mqtt.RawMqtt.connect;
import static io.iotflow.server.ingest.mqtt.RawMqtt.packet;
import static io.iotflow.server.ingest.mqtt.RawMqtt.publish;
import static io.iotflow.server.ingest.mqtt.RawMqtt.text;
import static io.iotflow.server.ingest.mqtt.RawMqtt.will;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Every buffer is given back, however a message or its connection ends.
class LeakTest {
    private static final int CONNECTIONS = 20;
    private static final int MESSAGES = 500;

    @Test
    void noBufferIsLost() {
        var before = ResourceLeakDetector.getLevel();
        var reports = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        reports.start();
        logger.addAppender(reports);
        try (var platform = TestPlatform.start()) {
            var device = platform.device("leaking");
            try (var follower = new RawMqtt(platform.mqttPort())) {
                follower.send(connect(V3, "follower", "admin", TestPlatform.TOKEN, 0, true)).packet();
                follower.send(packet(0x82, "0001" + text(device.topic("status/#")) + "00")).packet();
                Thread.ofVirtual().start(follower::untilClosed);
                for (int i = 0; i < CONNECTIONS; i++) converse(platform, device, i);
                TestPlatform.await("all have left", () -> platform.mqttFigure("connections") == 1);
            }
            // Reported when a lost buffer has been collected and another one is made.
            for (int i = 0; i < 5; i++) {
                System.gc();
                PooledByteBufAllocator.DEFAULT.directBuffer(64).release();
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000L);
            }
            converse(platform, device, 0);
        } finally {
            ResourceLeakDetector.setLevel(before);
            logger.detachAppender(reports);
        }
        assertThat(reports.list).extracting(ILoggingEvent::getFormattedMessage).isEmpty();
    }

    /// Hundreds of messages of every kind on one connection, which ends in one of several ways with many unanswered.
    private static void converse(TestPlatform platform, TestDevice device, int number) {
        var version = number % 2 == 0 ? V3 : V5;
        var none = version == V5 ? "00" : "";
        var topics = new String[] {"telemetry", "status/x", "heartbeat", "errors"};
        try (var client = new RawMqtt(platform.mqttPort())) {
            client.send(connect(version, "leaking", device.name(), device.key(), 60, true, "",
                    will(version, device.topic("status/gone"), "gone"))).packet();
            var all = new StringBuilder();
            for (int id = 1; id <= MESSAGES; id++) {
                var payload = id % 7 == 0 ? "{broken" : "{\"n\":" + id + "}";
                var topic = version == V5 && id % 11 == 0 ? "devices/foreign/telemetry"
                        : device.topic(topics[id % topics.length]);
                all.append(publish(id % 3, id, topic, none, payload));
            }
            switch (number % 5) {
                case 0 -> client.send(all.toString(), "e000").untilClosed();
                case 1 -> client.send(all.toString()).reset();
                case 2 -> client.send(all.toString(), "ffff").untilClosed();
                case 3 -> client.send(all.toString(), publish(1, 1, "x", none, "unknown topic"), "e000").untilClosed();
                default -> client.send(all.toString()).close();
            }
        }
    }
}
