package io.iotflow.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.DeviceEvent.ErrorReceived;
import io.iotflow.server.ingest.DeviceEvent.HeartbeatReceived;
import io.iotflow.server.ingest.DeviceEvent.ResultReceived;
import io.iotflow.server.ingest.DeviceEvent.ShadowReceived;
import io.iotflow.server.ingest.DeviceEvent.StatusReceived;
import io.iotflow.server.ingest.DeviceEvent.TelemetryReceived;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventCodecTest {
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final long NOW = 1_767_225_600_000_000L;

    private final EventCodec codec = new EventCodec();

    @Test
    void everyEventComesBackAsItWas() {
        check(EventCodec.heartbeat(DEVICE, NOW), new HeartbeatReceived(DEVICE, NOW));
        check(EventCodec.status(DEVICE, NOW, "offline", "{\"a\":\"ü\"}"),
                new StatusReceived(DEVICE, NOW, "offline", "{\"a\":\"ü\"}"));
        check(EventCodec.error(DEVICE, NOW, ""), new ErrorReceived(DEVICE, NOW, ""));
        check(EventCodec.shadow(DEVICE, NOW, "update", 3, "{\"reported\":{\"ü\":1}}"),
                new ShadowReceived(DEVICE, NOW, "update", 3, "{\"reported\":{\"ü\":1}}"));
        check(EventCodec.result(DEVICE, NOW, "17", "done"), new ResultReceived(DEVICE, NOW, "17", "done"));
    }

    @Test
    void everyValueAndTimeComesBackAsItWas() {
        var random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            var measurements = new ArrayList<Measurement>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                var time = random.nextBoolean() ? NOW : NOW - random.nextLong(1L << 50);
                measurements.add(new Measurement("metric." + random.nextInt(20_000), time, value(random)));
            }
            check(EventCodec.telemetry(DEVICE, NOW, measurements), new TelemetryReceived(DEVICE, NOW, measurements));
        }
    }

    @Test
    void recordOfAnUnknownKindIsSkippedAndStopsNothing() {
        assertThat(codec.read(ByteBuffer.allocate(40).put(0, (byte) 99).putLong(1, 7))).isEmpty();
        assertThat(codec.read(ByteBuffer.allocate(3))).isEmpty();
    }

    private static Value value(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> new Value.Whole(random.nextLong());
            case 1 -> new Value.Real(random.nextGaussian() * 1e300);
            case 2 -> new Value.Flag(random.nextBoolean());
            case 3 -> new Value.Sealed(Value.Type.values()[random.nextInt(3)], "AQAA" + random.nextInt());
            default -> new Value.Text(random.nextBoolean() ? "" : "täxt \uD83D\uDE00 " + random.nextInt());
        };
    }

    private void check(ByteBuffer bytes, DeviceEvent expected) {
        assertThat(EventCodec.deviceOf(bytes)).isEqualTo(expected.device().value());
        assertThat(codec.read(bytes)).contains(expected);
    }
}
