package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Routes;
import io.iotflow.server.ingest.Lanes;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiFunction;

/// All parts of firmware, put together: what others need of it.
public final class Firmware implements AutoCloseable {
    private final Database database;
    private final DeviceRegistry devices;
    private final Presence presence;
    private final InstantSource clock;
    private final Images images;
    private final Updates updates;
    private final Downloads downloads;
    private final DownloadLinks links;
    private final FirmwareReports reports;
    private final Deltas deltas;
    private final Chunks chunks;
    private FirmwareWorker worker;

    /// @param folder the data folder
    public Firmware(Database database, FirmwareConfig config, Path folder, DeviceRegistry devices, Presence presence,
            Audit audit, InstantSource clock) {
        this.database = database;
        this.devices = devices;
        this.presence = presence;
        this.clock = clock;
        images = new Images(database, config, folder.resolve("firmware"), audit, clock);
        updates = new Updates(database, devices, images, audit, clock);
        downloads = new Downloads(config);
        links = new DownloadLinks(folder.resolve("firmware-link-key"), config, clock);
        deltas = new Deltas(database, config, images, clock);
        chunks = new Chunks(devices, images, updates, deltas, downloads);
        reports = new FirmwareReports(updates);
    }

    public Images images() {
        return images;
    }

    public Updates updates() {
        return updates;
    }

    /// What devices have said that is still to be kept.
    public Lanes.Durable reports() {
        return reports.durable();
    }

    /// Hears what devices say.
    public Lanes.DeviceListener listener() {
        return event -> {
            reports.on(event);
            chunks.on(event);
        };
    }

    /// Begins to tell devices, until the answer is closed.
    public AutoCloseable start(FirmwareChannel channel) {
        chunks.answerThrough(channel);
        worker = new FirmwareWorker(database, devices, images, updates, deltas, channel, clock);
        return worker;
    }

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public Routes routes(BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        var all = List.<Routes>of(new FirmwareRoutes(images, deltas, downloads, organizations),
                new UpdateRoutes(devices, images, updates, deltas, downloads, links),
                new DdiRoutes(devices, presence, images, updates, downloads, clock),
                new ThingsBoardFirmwareRoutes(images, updates, downloads));
        return table -> all.forEach(routes -> routes.declare(table));
    }

    /// What a device made for ThingsBoard is offered, as shared attributes; nothing when there is nothing. May ask the
    /// database.
    public ObjectNode sharedAttributes(DeviceId device) {
        return updates.offered(device).map(it -> ThingsBoardFirmware.attributes(it.image()))
                .orElseGet(Json.mapper()::createObjectNode);
    }

    /// Reports that were none, and requests for chunks for which there was no room.
    public long refused() {
        return reports.malformed() + chunks.dropped();
    }

    @Override
    public void close() {
        reports.close();
        deltas.close();
    }
}
