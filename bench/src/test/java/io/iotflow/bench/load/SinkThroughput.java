package io.iotflow.bench.load;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;

/// Shows what the generator itself can do: `java … SinkThroughput [connections] [window] [seconds] [qos]` against the
/// Netty sink in the same process, each with one thread.
final class SinkThroughput {

    private SinkThroughput() {}

    public static void main(String[] arguments) throws Exception {
        int connections = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        int window = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        var duration = Duration.ofSeconds(arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8);
        int qos = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1;
        try (var sink = new NettySink(NettySink.Manner.HONEST, "")) {
            var plan = LoadPlan.mqtt(sink.address(), device -> "devices/" + device.name() + "/telemetry", qos,
                    new Payload(3), window);
            try (var load = Load.connect(plan, devices(connections), 1, InstantSource.system())) {
                var result = load.run(new Schedule.Window(window), Duration.ofSeconds(3), duration);
                System.out.printf("%,.0f msg/s, p50 %.3f ms, p99 %.3f ms, sent %d, acknowledged %d, received %d%n",
                        result.perSecond(), result.latencyMillis(50), result.latencyMillis(99), result.sent(),
                        result.acknowledged(), sink.received.sum());
            }
        }
    }

    static List<Device> devices(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Device(String.valueOf(i), "bench-" + i, "key")).toList();
    }
}
