package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/// Images and keys, as far as the caller may see them.
final class FirmwareRoutes implements Routes {
    private static final Access READ = Access.with(Permission.FIRMWARE_READ);
    private static final Access WRITE = Access.with(Permission.FIRMWARE_WRITE);
    private static final Access KEYS = Access.with(Permission.FIRMWARE_KEYS_WRITE);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\\*)");

    private enum ChannelWish { ANY, STABLE, BETA }

    private final Images images;
    private final Deltas deltas;
    private final Downloads downloads;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    FirmwareRoutes(Images images, Deltas deltas, Downloads downloads,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.images = images;
        this.deltas = deltas;
        this.downloads = downloads;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("firmware", READ, this::list);
        table.post("firmware", WRITE, this::create);
        table.get("firmware/keys", READ, request -> Reply.ok(images.keys(request.scope(),
                Page.Wish.of(request.query())).json("keys", FirmwareKey::json)));
        table.post("firmware/keys", KEYS, this::register);
        table.delete("firmware/keys/{firmware_key}", KEYS, request -> {
            images.remove(request.actor(), request.id("firmware_key"));
            return Reply.noContent();
        });
        table.get("firmware/{firmware}", READ, request -> shown(200, found(request)));
        table.put("firmware/{firmware}/content", WRITE, this::upload).bodyLimit(FirmwareLimits.FIRMWARE_IMAGE_BYTES)
                .repeatable().longLived();
        table.get("firmware/{firmware}/content", READ, request ->
                downloads.answer(request, Downloads.Content.of(images, found(request).requireReady()))).longLived();
        table.get("firmware/{firmware}/deltas", READ, request -> deltas(found(request)));
        table.post("firmware/{firmware}/finish", WRITE, request ->
                shown(200, images.finish(request.actor(), request.id("firmware"))));
        table.post("firmware/{firmware}/withdraw", WRITE, request ->
                shown(200, images.withdraw(request.actor(), request.id("firmware"), request.ifMatch())));
        table.delete("firmware/{firmware}", WRITE, request -> {
            images.delete(request.actor(), request.id("firmware"), request.ifMatch());
            return Reply.noContent();
        });
    }

    private Image found(Request request) {
        return images.require(request.scope(), request.id("firmware"));
    }

    private Reply list(Request request) {
        var channel = switch (request.query().oneOf("channel", ChannelWish.ANY)) {
            case ANY -> Optional.<ImageDraft.Channel>empty();
            case STABLE -> Optional.of(ImageDraft.Channel.STABLE);
            case BETA -> Optional.of(ImageDraft.Channel.BETA);
        };
        var page = images.list(request.scope(), Page.Wish.of(request.query()), channel, request.query().text("name"));
        return Reply.ok(page.json("firmware", image -> image.json(images.uploaded(image))));
    }

    private Reply deltas(Image image) {
        var answer = Json.mapper().createObjectNode();
        var list = answer.putArray("deltas");
        for (var delta : deltas.of(image)) {
            var json = list.addObject().put("base_firmware_id", delta.base()).put("is_useful", delta.isUseful())
                    .put("size", delta.size());
            if (delta.isUseful()) json.put("sha256", delta.sha256());
            else json.putNull("sha256");
        }
        return Reply.ok(answer.put("count", list.size()));
    }

    private Reply shown(int status, Image image) {
        return Reply.json(status, image.json(images.uploaded(image))).header("ETag", image.tag());
    }

    private Reply create(Request request) {
        var document = document(request);
        var organization = organization(request, document);
        return shown(201, images.create(request.actor(), organization,
                ImageDraft.of(Fields.of("", document), document)));
    }

    private Reply register(Request request) {
        var document = document(request);
        var organization = organization(request, document);
        if (!StorableText.accepts(document)) {
            throw PlatformException.malformed("The body " + StorableText.NO_JSON + ".");
        }
        var fields = Fields.of("", document);
        var name = fields.requiredText("name", FirmwareLimits.FIRMWARE_NAME_CHARACTERS);
        var key = FirmwareKey.read(fields.requiredText("public_key", FirmwareLimits.FIRMWARE_KEY_CHARACTERS));
        fields.end();
        return Reply.created(images.register(request.actor(), organization, name.strip(), key).json());
    }

    private Reply upload(Request request) throws IOException {
        var offset = request.header("Content-Range").map(FirmwareRoutes::offset).orElse(0L);
        var id = request.id("firmware");
        var uploaded = images.upload(request.scope(), id, offset, request.stream());
        return Reply.ok(Json.mapper().createObjectNode().put("id", id).put("uploaded", uploaded)
                .put("size", found(request).about().size()));
    }

    private static long offset(String header) {
        var matcher = CONTENT_RANGE.matcher(header.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw PlatformException.malformed("Content-Range must be like bytes 0-1048575/4194304.");
        }
        return Long.parseLong(matcher.group(1));
    }

    private static ObjectNode document(Request request) {
        if (request.json() instanceof ObjectNode body) return body.deepCopy();
        throw PlatformException.malformed("The body must be one JSON object and nothing else.");
    }

    private OrganizationPath organization(Request request, ObjectNode document) {
        var number = document.remove("organization_id");
        if (number != null && !number.isNull() && !number.isIntegralNumber()) {
            throw PlatformException.invalid("organization_id", "must be a number");
        }
        return organizations.apply(request.scope(), number == null || number.isNull() ? null : number.longValue());
    }
}
