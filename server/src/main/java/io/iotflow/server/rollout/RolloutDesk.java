package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.firmware.Firmware;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Routes;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/// All parts of rollouts, put together.
public final class RolloutDesk implements AutoCloseable {
    private final Rollouts rollouts;
    private final Firmware firmware;
    private final RolloutWorker worker;

    /// Begins to work off what there is.
    ///
    /// @param fleet    all living devices of an organization and those below it
    /// @param facts    what filters may see of one
    /// @param announce tells those who listen to an organization what has happened
    public RolloutDesk(Database database, DeviceRegistry devices, Firmware firmware,
            Function<OrganizationPath, List<Device>> fleet, Function<Device, DeviceFacts> facts,
            BiConsumer<OrganizationPath, ObjectNode> announce,
            Audit audit, InstantSource clock) {
        this.firmware = firmware;
        rollouts = new Rollouts(database, firmware.images(), fleet, facts, audit, clock);
        worker = new RolloutWorker(database, devices, firmware.images(), firmware.updates(), rollouts,
                rollout -> announce.accept(rollout.organization(), event(rollout)), audit, clock);
    }

    private static ObjectNode event(Rollout rollout) {
        return Json.mapper().createObjectNode().put("event", "state").put("rollout_id", rollout.id())
                .put("name", rollout.name()).put("status", rollout.state().word()).put("stage", rollout.stage() + 1)
                .put("detail", rollout.reason());
    }

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public Routes routes(BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        return new RolloutRoutes(rollouts, firmware.images(), organizations);
    }

    @Override
    public void close() {
        worker.close();
    }
}
