package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.List;
import java.util.Optional;

/// Updates of one device: for the device itself, and for whoever looks after it.
final class UpdateRoutes implements Routes {
    private enum DeltaWish { NONE, ZSTD }

    private final DeviceRegistry devices;
    private final Images images;
    private final Updates updates;
    private final Deltas deltas;
    private final Downloads downloads;
    private final DownloadLinks links;

    UpdateRoutes(DeviceRegistry devices, Images images, Updates updates, Deltas deltas, Downloads downloads,
            DownloadLinks links) {
        this.deltas = deltas;
        this.devices = devices;
        this.images = images;
        this.updates = updates;
        this.downloads = downloads;
        this.links = links;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("devices/firmware", Access.DEVICE, this::offered);
        table.get("devices/firmware/download", Access.DEVICE, this::download).longLived();
        table.post("devices/firmware/status", Access.DEVICE, this::report);
        table.get("firmware/download", Access.PUBLIC, this::linked).longLived();
        table.get("devices/{device}/updates", Access.with(Permission.FIRMWARE_READ), this::history);
        table.post("devices/{device}/updates", Access.with(Permission.FIRMWARE_WRITE), this::offer);
        table.delete("devices/{device}/updates", Access.with(Permission.FIRMWARE_WRITE), this::cancel);
    }

    private Reply offered(Request request) {
        var answer = Json.mapper().createObjectNode().put("status", "success");
        var offered = updates.offered(request.device().id());
        if (offered.isEmpty()) return Reply.ok(answer.putNull("update"));
        var update = offered.get().update();
        var image = offered.get().image();
        var link = links.of(new DownloadLinks.Target(image.id(), 0));
        var delta = delta(request, update, image);
        var offer = Offers.offer(update, image, delta).put("link", Offers.LINKED + link.query())
                .put("link_expires_at", link.expiresAt().toString());
        delta.ifPresent(it -> ((ObjectNode) offer.get("delta")).put("link", Offers.LINKED
                + links.of(new DownloadLinks.Target(it.image(), it.base())).query()));
        answer.set("update", offer);
        return Reply.ok(answer);
    }

    private Optional<Delta> delta(Request request, Update update, Image image) {
        return devices.find(request.device().id()).flatMap(device -> deltas.offered(device, update, image));
    }

    private Reply download(Request request) {
        var offered = updates.offered(request.device().id())
                .orElseThrow(() -> PlatformException.notFound("firmware for the device"));
        var update = offered.update();
        var image = offered.image();
        var content = switch (request.query().oneOf("delta", DeltaWish.NONE)) {
            case NONE -> Downloads.Content.of(images, image);
            case ZSTD -> Downloads.Content.of(deltas, delta(request, update, image).orElseThrow(Deltas::absent));
        };
        var reply = downloads.answer(request, content);
        begun(updates, update);
        return reply;
    }

    /// Whoever fetches has begun.
    static void begun(Updates updates, Update update) {
        if (update.state() != UpdateState.OFFERED) return;
        updates.report(update.device(), UpdateEvent.Reported.of(UpdateState.DOWNLOADING, ""));
    }

    /// For a time only, so anything in between may keep it for as long as it wants.
    private Reply linked(Request request) {
        var target = links.target(request.query().text("link").orElse(""));
        var image = images.require(OrganizationPath.ROOT, target.image()).requireReady();
        return downloads.answer(request, target.base() == 0 ? Downloads.Content.of(images, image)
                        : Downloads.Content.of(deltas, deltas.require(target.base(), target.image())))
                .header("Cache-Control", "public, max-age=86400, immutable");
    }

    private Reply report(Request request) {
        var device = request.device().id();
        var after = updates.report(device, Report.of(request.json()));
        var answer = Json.mapper().createObjectNode().put("status", "success");
        after.ifPresentOrElse(update -> answer.putObject("update").put("update_id", update.id())
                        .put("version", update.toVersion()).put("status", update.state().word())
                        .put("attempt", update.attempts()),
                () -> answer.putNull("update"));
        return Reply.ok(answer);
    }

    private Reply history(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        var answer = Json.mapper().createObjectNode().put("device_id", device.id().value())
                .put("firmware_version", device.firmwareVersion());
        var list = answer.putArray("updates");
        updates.stories(request.scope(), device.id()).forEach(story -> list.add(Offers.story(story)));
        return Reply.ok(answer.put("count", list.size()));
    }

    private Reply offer(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        var fields = Fields.of("", request.json());
        var terms = OfferTerms.read(fields);
        fields.end();
        var image = images.require(request.scope(), terms.image());
        var made = updates.offer(request.actor(), device, image, terms);
        return Reply.created(Offers.story(story(request.scope(), device.id(), made)));
    }

    private Reply cancel(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        var cancelled = updates.cancel(request.actor(), device);
        return Reply.ok(Offers.story(story(request.scope(), device.id(), cancelled)));
    }

    private Updates.Story story(OrganizationPath scope, DeviceId device, Update made) {
        return updates.stories(scope, device).stream().filter(it -> it.update().id() == made.id()).findFirst()
                .orElseGet(() -> new Updates.Story(made, List.of()));
    }
}
