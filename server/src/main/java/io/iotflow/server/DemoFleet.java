package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.simulator.Fleet;
import io.iotflow.simulator.Preset;
import io.iotflow.simulator.Simulation;
import io.iotflow.simulator.SimulationOptions;
import io.iotflow.simulator.Target;
import java.nio.file.Path;

/// The demo's nine devices, and two lines that a newcomer can paste.
final class DemoFleet implements AutoCloseable {
    private static final String HOST = "localhost";

    private final Simulation simulation;

    private DemoFleet(Simulation simulation) {
        this.simulation = simulation;
    }

    static DemoFleet start(Platform platform, Path folder, String adminToken) {
        var target = new Target(HOST, platform.mqttPort(), platform.httpPort(), Target.Protocol.MQTT);
        var options = SimulationOptions.of(target, Fleet.of(Preset.HOME), folder.resolve("simulator-keys.json"));
        options = options.with(options.access().withOperatorToken(adminToken).withForce());
        var fleet = new DemoFleet(Simulation.start(options));
        fleet.invite(platform);
        return fleet;
    }

    private void invite(Platform platform) {
        var guest = platform.registerGuest();
        System.out.println("""
                Nine simulated devices of a home are sending. Send something yourself, as device "%s":

                  mosquitto_pub -h %s -p %d -q 1 -u %s -P %s -t %s -m '{"temperature":21.5}'

                  curl -X POST http://%s:%d/api/v1/devices/telemetry -H 'X-API-Key: %s' \\
                    -H 'Content-Type: application/json' -d '{"temperature":22.5}'

                Stop with Ctrl-C.
                """.formatted(guest.name(), HOST, platform.mqttPort(), guest.id(), guest.apiKey(),
                DeviceTopic.of(guest.id().toString(), DeviceTopic.Kind.TELEMETRY), HOST, platform.httpPort(),
                guest.apiKey()));
    }

    @Override
    public void close() {
        simulation.close();
    }
}
