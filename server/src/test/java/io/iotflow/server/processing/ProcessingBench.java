package io.iotflow.server.processing;

import static io.iotflow.server.core.Actor.PLATFORM;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.Measurement;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;
import io.iotflow.server.ingest.InboundMessage;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Not a test: measures what rules cost each message, on one thread.
final class ProcessingBench {
    private static final int MESSAGES = 1 << 20;
    private static final int ROUNDS = 7;
    private static final String THREE = "{\"type\":\"convert\",\"metric\":\"t\",\"from\":\"°F\",\"to\":\"°C\"},"
            + "{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":-0.4},"
            + "{\"type\":\"range\",\"metric\":\"t\",\"min\":-60,\"max\":80}";
    private static final String DEW_POINT =
            "{\"type\":\"derive\",\"metric\":\"dew_point\",\"expression\":\"t - (100 - h) / 5\"}";
    private static final String LORAWAN = "{\"type\":\"decode\",\"expression\":"
            + "\"({temperature: int16(bytes, 0) / 100, humidity: bytes[2] / 2})\"}";

    /// Where results go, so that they are made.
    private static Object sink;

    public static void main(String[] arguments) {
        var database = SharedDatabase.open();
        var audit = new Audit(database, InstantSource.system());
        var devices = new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(), audit,
                InstantSource.system());
        var rules = new ProcessingRules(database, devices, new Rules.Known(), DeviceSteps.NOTHING, audit,
                InstantSource.system());
        var message = Rules.decoded("{\"t\":68.5,\"h\":60.5,\"battery\":3.61}");
        measure("no rule at all", _ -> through(rules, new DeviceId(1), message));
        var plain = devices.register(PLATFORM, "plain", Profile.of("plain"), DeviceStatus.ACTIVE).device().id();
        for (var type : List.of("three", "dew")) {
            rules.create(PLATFORM, OrganizationPath.ROOT, Rules.document("{\"name\":\"" + type + "\",\"scope\":{"
                    + "\"device_types\":[\"" + type + "\"]},\"steps\":[" + (type.equals("three") ? THREE : DEW_POINT)
                    + "]}").content());
        }
        var three = devices.register(PLATFORM, "three", Profile.of("three"), DeviceStatus.ACTIVE).device().id();
        var dew = devices.register(PLATFORM, "dew", Profile.of("dew"), DeviceStatus.ACTIVE).device().id();
        measure("rules, none for this device", _ -> through(rules, plain, message));
        measure("convert, calibrate, range", _ -> through(rules, three, message));
        measure("derive of two metrics", _ -> through(rules, dew, message));
        var decoding = new Rules.Trial(LORAWAN).plan;
        var bytes = new InboundMessage(new DeviceId(7), OrganizationPath.ROOT, Kind.TELEMETRY,
                new byte[] {0x08, (byte) 0xfc, (byte) 0x82});
        measure("decode of three bytes", _ -> decoding.decode(bytes, 0));
        rules.close();
        System.exit(0);
    }

    private static Object through(ProcessingRules rules, DeviceId device, List<Measurement> message) {
        var plan = rules.of(device);
        return plan == null ? message : plan.apply(message).measurements();
    }

    private static void measure(String what, Function<Integer, Object> message) {
        var best = Double.MAX_VALUE;
        var bytes = 0L;
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (var round = 0; round < ROUNDS; round++) {
            var allocated = threads.getCurrentThreadAllocatedBytes();
            var began = System.nanoTime();
            for (var i = 0; i < MESSAGES; i++) sink = message.apply(i);
            best = Math.min(best, (System.nanoTime() - began) / (double) MESSAGES);
            bytes = (threads.getCurrentThreadAllocatedBytes() - allocated) / MESSAGES;
        }
        System.out.printf(Locale.ROOT, "%-30s %8.1f ns, %5d bytes a message%n", what, best, bytes);
    }
}
