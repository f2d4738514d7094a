package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Handler;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.OptionalLong;

/// hawkBit's Direct Device Integration API, version 1, for clients that exist, such as SWUpdate and RAUC's: an adapter
/// over [Updates]. An action is an update; a software module is an image, with one artifact. The tenant in the path
/// says nothing: the credential does.
final class DdiRoutes implements Routes {
    private static final String HAL = "application/hal+json";
    private static final String BASE = "/{tenant}/controller/v1/{device}";
    private static final int SHORTEST_POLL = 10;
    private static final int LONGEST_POLL = 3_600;
    private static final String ATTRIBUTES = "attributes";
    private static final Access ACCESS = Access.deviceOrWith(Permission.DEVICES_WRITE);
    /// An archive of `cpio`, with sums of its files.
    private static final byte[] SWU = "07070".getBytes(StandardCharsets.US_ASCII);
    /// A file system of SquashFS.
    private static final byte[] RAUC = "hsqs".getBytes(StandardCharsets.US_ASCII);

    private final DeviceRegistry devices;
    private final Presence presence;
    private final Images images;
    private final Updates updates;
    private final Downloads downloads;
    private final InstantSource clock;

    DdiRoutes(DeviceRegistry devices, Presence presence, Images images, Updates updates, Downloads downloads,
            InstantSource clock) {
        this.devices = devices;
        this.presence = presence;
        this.clock = clock;
        this.images = images;
        this.updates = updates;
        this.downloads = downloads;
    }

    @Override
    public void declare(RouteTable table) {
        var outside = table.outside();
        outside.get(BASE, ACCESS, this::poll);
        outside.put(BASE + "/configData", ACCESS, this::attributes);
        outside.get(BASE + "/deploymentBase/{action}", ACCESS, request -> action(request, "deployment"));
        outside.post(BASE + "/deploymentBase/{action}/feedback", ACCESS, this::feedback).repeatable();
        outside.get(BASE + "/installedBase/{action}", ACCESS, request -> action(request, "deployment"));
        outside.get(BASE + "/cancelAction/{action}", ACCESS, this::cancelled);
        outside.post(BASE + "/cancelAction/{action}/feedback", ACCESS, this::stopped).repeatable();
        outside.get(BASE + "/softwaremodules/{module}/artifacts", ACCESS, request ->
                Reply.bytes(HAL, bytes(artifacts(request, offered(request)))));
        outside.get(BASE + "/softwaremodules/{module}/artifacts/{file}", ACCESS, download()).longLived();
    }

    /// The device that speaks, which is thereby seen: such a client may say nothing else for months.
    private Device device(Request request) {
        var device = devices.require(request.caller(), request.parameter("device"));
        if (device.status() == DeviceStatus.DECOMMISSIONED) throw PlatformException.notFound("such device");
        if (device.status().mayPublish()) presence.seen(device.id(), clock.instant());
        return device;
    }

    /// More often than a device falls silent.
    private String pollEvery() {
        var seconds = Math.clamp(presence.timeout().toSeconds() * 4 / 5, SHORTEST_POLL, LONGEST_POLL);
        return LocalTime.MIN.plusSeconds(seconds).format(DateTimeFormatter.ISO_LOCAL_TIME);
    }

    private static String base(Request request) {
        var scheme = request.header("X-Forwarded-Proto").filter("https"::equals).orElse(
                request.isSecure() ? "https" : "http");
        var path = request.path();
        return scheme + "://" + request.header("Host").orElse("localhost") + path;
    }

    /// What there is to be done, as links.
    private Reply poll(Request request) {
        var device = device(request);
        var answer = Json.mapper().createObjectNode();
        answer.putObject("config").putObject("polling").put("sleep", pollEvery());
        var links = answer.putObject("_links");
        updates.newest(device.id()).ifPresent(update -> {
            if (update.state().isOpen()) {
                link(links, "deploymentBase", base(request) + "/deploymentBase/" + update.id() + "?c="
                        + update.attempts());
            } else if (update.state() == UpdateState.CANCELLED && !update.isAcknowledged()) {
                link(links, "cancelAction", base(request) + "/cancelAction/" + update.id());
            } else if (update.state() == UpdateState.INSTALLED) {
                link(links, "installedBase", base(request) + "/installedBase/" + update.id());
            }
        });
        if (!device.metadata().has(ATTRIBUTES)) link(links, "configData", base(request) + "/configData");
        return Reply.bytes(HAL, bytes(answer));
    }

    private static void link(ObjectNode links, String name, String href) {
        links.putObject(name).put("href", href);
    }

    private static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Update update(Request request, DeviceId device) {
        return updates.find(device, request.id("action")).orElseThrow(() -> PlatformException.notFound("such action"));
    }

    private Image image(Update update) {
        return images.require(OrganizationPath.ROOT, update.image());
    }

    private Reply action(Request request, String field) {
        var update = update(request, device(request).id());
        if (update.state() == UpdateState.CANCELLED) throw PlatformException.notFound("such action");
        var image = image(update);
        var answer = Json.mapper().createObjectNode().put("id", Long.toString(update.id()));
        var chunk = answer.putObject(field).put("download", "forced").put("update", "forced").putArray("chunks")
                .addObject().put("part", "os").put("version", image.version()).put("name", image.about().name());
        chunk.set("artifacts", artifacts(request, image));
        return Reply.bytes(HAL, bytes(answer));
    }

    private JsonNode artifacts(Request request, Image image) {
        var name = file(image);
        var hashes = images.hashes(image);
        var list = Json.mapper().createArrayNode();
        var artifact = list.addObject().put("filename", name);
        artifact.putObject("hashes").put("sha1", hashes.sha1()).put("md5", hashes.md5())
                .put("sha256", hashes.sha256());
        artifact.put("size", image.about().size());
        var whole = base(request);
        var href = whole.substring(0, whole.indexOf("/controller/v1/") + "/controller/v1/".length())
                + device(request).name() + "/softwaremodules/" + image.id() + "/artifacts/" + name;
        var links = artifact.putObject("_links");
        for (var protocol : new String[] {"download", "download-http"}) link(links, protocol, href);
        for (var sum : new String[] {"md5sum", "md5sum-http"}) link(links, sum, href + ".MD5SUM");
        return list;
    }

    /// Letters, digits and a few signs only. SWUpdate looks for its images by the end of their names.
    private String file(Image image) {
        return (image.about().name() + "-" + image.version()).replaceAll("[^A-Za-z0-9._-]", "_")
                + (images.begins(image, SWU) ? ".swu" : images.begins(image, RAUC) ? ".raucb" : ".bin");
    }

    /// The image of the device's newest update, if that is the module.
    private Image offered(Request request) {
        return updates.newest(device(request).id()).filter(it -> it.image() == request.id("module"))
                .filter(it -> it.state() != UpdateState.CANCELLED).map(this::image)
                .orElseThrow(() -> PlatformException.notFound("such software module"));
    }

    private Handler download() {
        return request -> {
            var image = offered(request);
            var name = request.parameter("file");
            if (name.equals(file(image) + ".MD5SUM")) {
                return Reply.text(images.hashes(image).md5() + "  " + file(image));
            }
            if (!name.equals(file(image))) throw PlatformException.notFound("such artifact");
            var reply = downloads.answer(request, Downloads.Content.of(images, image));
            updates.open(device(request).id()).ifPresent(update -> UpdateRoutes.begun(updates, update));
            return reply;
        };
    }

    private Reply feedback(Request request) {
        var device = device(request);
        var update = update(request, device.id());
        DdiFeedback.of(update.id(), request.json()).ifPresent(report -> updates.report(device.id(), report));
        return Reply.ok(Json.mapper().createObjectNode());
    }

    private Reply cancelled(Request request) {
        var update = update(request, device(request).id());
        if (update.state() != UpdateState.CANCELLED) throw PlatformException.notFound("such action");
        var id = Long.toString(update.id());
        var answer = Json.mapper().createObjectNode().put("id", id);
        answer.putObject("cancelAction").put("stopId", id);
        return Reply.bytes(HAL, bytes(answer));
    }

    /// The client has stopped, or has not; either way it is not asked again.
    private Reply stopped(Request request) {
        var update = update(request, device(request).id());
        if (update.state() != UpdateState.CANCELLED) throw PlatformException.notFound("such action");
        if (DdiFeedback.isClosed(request.json())) updates.acknowledge(update);
        return Reply.ok(Json.mapper().createObjectNode());
    }

    /// What the device says of itself becomes `attributes` in its metadata.
    private Reply attributes(Request request) {
        var device = device(request);
        if (!(request.json().path("data") instanceof ObjectNode data)
                || data.size() > FirmwareLimits.FIRMWARE_ATTRIBUTES) {
            throw PlatformException.invalid("data", "must be an object of at most " + FirmwareLimits.FIRMWARE_ATTRIBUTES
                    + " attributes");
        }
        var mode = request.json().path("mode").asText("merge");
        devices.update(request.actor(), device.id(), OptionalLong.empty(), draft -> {
            ObjectNode metadata = draft.profile().metadata().deepCopy();
            var before = metadata.path(ATTRIBUTES) instanceof ObjectNode known ? known
                    : Json.mapper().createObjectNode();
            metadata.set(ATTRIBUTES, switch (mode) {
                case "merge" -> before.setAll(data);
                case "replace" -> data;
                case "remove" -> before.remove(data.propertyStream().map(it -> it.getKey()).toList());
                default -> throw PlatformException.invalid("mode", "must be merge, replace or remove");
            });
            return draft.withProfile(draft.profile().withMetadata(metadata));
        });
        return Reply.ok(Json.mapper().createObjectNode());
    }
}
