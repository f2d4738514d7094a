package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.firmware.Images;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/// Rollouts, as far as the caller may see them.
final class RolloutRoutes implements Routes {
    private static final Access READ = Access.with(Permission.FIRMWARE_READ);
    private static final Access WRITE = Access.with(Permission.ROLLOUTS_WRITE);
    /// Devices that a preview names.
    private static final int NAMED = 20;

    private final Rollouts rollouts;
    private final Images images;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    private enum StateWish {
        ANY, AWAITING_APPROVAL, SCHEDULED, RUNNING, PAUSED, HALTED, ROLLING_BACK, ROLLED_BACK, FINISHED, ABORTED
    }

    @FunctionalInterface
    private interface Act {
        Rollout on(Actor by, long id, OptionalLong expected);
    }

    RolloutRoutes(Rollouts rollouts, Images images,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.rollouts = rollouts;
        this.images = images;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("rollouts", READ, this::list);
        table.post("rollouts", WRITE, this::create);
        table.post("rollouts/preview", READ, this::preview);
        table.get("rollouts/{rollout}", READ, request ->
                shown(rollouts.require(request.scope(), request.id("rollout"))));
        table.delete("rollouts/{rollout}", WRITE, request -> {
            rollouts.delete(request.actor(), request.id("rollout"), request.ifMatch());
            return Reply.noContent();
        });
        table.get("rollouts/{rollout}/devices", READ, this::devices);
        table.post("rollouts/{rollout}/approve", Access.with(Permission.ROLLOUTS_APPROVE),
                request -> act(request, rollouts::approve));
        table.post("rollouts/{rollout}/pause", WRITE, request -> act(request, rollouts::pause));
        table.post("rollouts/{rollout}/resume", WRITE, request -> act(request, rollouts::resume));
        table.post("rollouts/{rollout}/abort", WRITE, request -> act(request, rollouts::abort));
        table.post("rollouts/{rollout}/finish", WRITE, request -> act(request, rollouts::finish));
    }

    private Reply list(Request request) {
        var wish = request.query().oneOf("state", StateWish.ANY);
        var state = wish == StateWish.ANY ? Optional.<RolloutState>empty()
                : Optional.of(RolloutState.valueOf(wish.name()));
        return Reply.ok(rollouts.list(request.scope(), Page.Wish.of(request.query()), state)
                .json("rollouts", Rollout::json));
    }

    private static Reply shown(Rollouts.Progress progress) {
        var rollout = progress.rollout();
        var json = rollout.json();
        progress.stages().stream().reduce(Counts.NONE, Counts::plus).write(json.putObject("progress"))
                .put("rolling_back", progress.reverting()).put("rolled_back", progress.reverted());
        progress.statuses().forEach(json.putObject("statuses")::put);
        var stages = json.putArray("stages");
        for (int i = 0; i < progress.stages().size(); i++) {
            var stage = stages.addObject();
            rollout.plan().stages().get(i).write(stage);
            progress.stages().get(i).write(stage.putObject("progress"));
        }
        return Reply.ok(json).header("ETag", rollout.tag());
    }

    private Reply act(Request request, Act act) {
        var after = act.on(request.actor(), request.id("rollout"), request.ifMatch());
        return Reply.ok(after.json()).header("ETag", after.tag());
    }

    private Reply create(Request request) {
        var document = document(request);
        var organization = organization(request, document);
        var fields = Fields.of("", document);
        var name = fields.requiredText("name", FirmwareLimits.FIRMWARE_NAME_CHARACTERS);
        var image = image(fields);
        var plan = PlanReader.read(fields, request.receivedAt());
        fields.end();
        var made = rollouts.create(request.actor(), organization, name.strip(), image, plan);
        return Reply.created(made.json()).header("ETag", made.tag());
    }

    private Reply preview(Request request) {
        var document = document(request);
        var organization = organization(request, document);
        var fields = Fields.of("", document);
        var image = images.require(request.scope(), image(fields));
        var scope = PlanReader.scope(fields);
        fields.end();
        var matching = rollouts.matching(organization, image, scope);
        var answer = Json.mapper().createObjectNode().put("count", matching.size());
        var some = answer.putArray("devices");
        matching.stream().limit(NAMED).forEach(device -> some.addObject().put("id", device.id().value())
                .put("name", device.name()).put("firmware_version", device.firmwareVersion()));
        return Reply.ok(answer);
    }

    private Reply devices(Request request) {
        var page = rollouts.members(request.scope(), request.id("rollout"), Page.Wish.of(request.query()),
                request.query().text("status"));
        return Reply.ok(page.json("devices", member -> {
            var json = Json.mapper().createObjectNode().put("device_id", member.device().value())
                    .put("device_name", member.name()).put("stage", member.stage() + 1)
                    .put("status", member.status()).put("detail", member.detail())
                    .put("attempts", member.attempts()).put("progress", member.progress());
            return json.put("update_id", member.update().orElse(null));
        }));
    }

    private static long image(Fields fields) {
        var number = fields.required("firmware_id");
        if (!number.isIntegralNumber() || !number.canConvertToLong()) {
            throw fields.refusal("firmware_id", "must be a number");
        }
        return number.longValue();
    }

    private static ObjectNode document(Request request) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        if (!StorableText.accepts(body)) {
            throw PlatformException.malformed("The body " + StorableText.NO_JSON + ".");
        }
        return body.deepCopy();
    }

    private OrganizationPath organization(Request request, ObjectNode document) {
        var number = document.remove("organization_id");
        if (number != null && !number.isNull() && !number.isIntegralNumber()) {
            throw PlatformException.invalid("organization_id", "must be a number");
        }
        return organizations.apply(request.scope(), number == null || number.isNull() ? null : number.longValue());
    }
}
