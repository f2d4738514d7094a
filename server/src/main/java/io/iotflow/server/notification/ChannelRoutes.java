package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.List;
import java.util.function.BiFunction;

/// Channels, what became of each delivery, and the list of what was told in the application.
public final class ChannelRoutes implements Routes {
    private static final String TESTS = "20/1m";
    private static final List<String> STATES = List.of("waiting", "delivered", "failed", "cancelled", "dropped");

    private final Channels channels;
    private final Outbox outbox;
    private final BiFunction<OrganizationPath, JsonNode, OrganizationPath> organizationOf;

    /// @param organizationOf the organization that a body names, as far as the caller may see it
    public ChannelRoutes(Channels channels, Outbox outbox,
            BiFunction<OrganizationPath, JsonNode, OrganizationPath> organizationOf) {
        this.channels = channels;
        this.outbox = outbox;
        this.organizationOf = organizationOf;
    }

    @Override
    public void declare(RouteTable table) {
        var read = Access.with(Permission.CHANNELS_READ);
        var write = Access.with(Permission.CHANNELS_WRITE);
        table.get("channels", read, request -> Reply.ok(channels.list(request.scope(), Page.Wish.of(request.query()))
                .json("channels", Channel::json)));
        table.post("channels", write, this::create);
        table.get("channels/{channel}", read,
                request -> shown(channels.require(request.scope(), request.id("channel"))));
        table.put("channels/{channel}", write, this::change);
        table.delete("channels/{channel}", write, this::remove);
        table.post("channels/{channel}/test", write, this::test).repeatable().rateLimit(TESTS);
        table.get("deliveries", read, this::deliveries);
        table.get("notifications", Access.with(Permission.ALERTS_READ), this::notifications);
        table.post("notifications/read", Access.with(Permission.ALERTS_READ), this::markRead).repeatable();
    }

    private Reply create(Request request) {
        var body = SettingsFields.of("", object(request));
        body.refuseOthers("name", "kind", "organization_id", "settings");
        var kind = body.oneOf("kind", ChannelSettings.kinds().toArray(String[]::new));
        var wanted = body.json().path("organization_id");
        var organization = organizationOf.apply(request.scope(),
                wanted.isMissingNode() ? JsonNodeFactory.instance.nullNode() : wanted);
        var made = channels.create(request.actor(), organization, name(body), kind, settings(body));
        return Reply.created(made.json()).header("ETag", made.tag());
    }

    private Reply change(Request request) {
        var id = request.id("channel");
        channels.require(request.scope(), id);
        var body = SettingsFields.of("", object(request));
        body.refuseOthers("name", "kind", "settings");
        return shown(channels.change(request.actor(), id, request.ifMatch(), name(body), body.optional("kind"),
                settings(body)));
    }

    private Reply remove(Request request) {
        channels.remove(request.actor(), request.id("channel"), request.ifMatch());
        return Reply.noContent();
    }

    private Reply test(Request request) {
        var tested = outbox.test(request.actor(), channels.require(request.scope(), request.id("channel")));
        var outcome = tested.outcome();
        return Reply.ok(Json.mapper().createObjectNode().put("outcome", outcome.word())
                .put("status", outcome.status() == 0 ? null : outcome.status()).put("detail", outcome.detail())
                .put("took_ms", tested.took().toMillis()));
    }

    private Reply deliveries(Request request) {
        var state = request.query().text("state");
        if (state.isPresent() && !STATES.contains(state.get())) {
            throw PlatformException.invalid("state", "must be one of " + String.join(", ", STATES));
        }
        var filter = new DeliveryStore.Filter(number(request, "alert"), number(request, "channel"),
                state.orElse(null));
        return Reply.ok(outbox.list(request.scope(), filter, Page.Wish.of(request.query()))
                .json("deliveries", Delivery::json));
    }

    private Reply notifications(Request request) {
        var inbox = outbox.inbox(request.scope(), reader(request), Page.Wish.of(request.query()));
        return Reply.ok(inbox.page().json("notifications", delivery -> delivery.notification()
                .put("read", delivery.id() <= inbox.readUpTo())).put("unread", inbox.unread()));
    }

    private Reply markRead(Request request) {
        var upTo = object(request).path("up_to");
        if (!upTo.canConvertToExactIntegral() || !upTo.canConvertToLong() || upTo.longValue() < 0) {
            throw PlatformException.invalid("up_to", "must be the id of a notification");
        }
        outbox.markRead(request.scope(), reader(request), upTo.longValue());
        return Reply.noContent();
    }

    private static String reader(Request request) {
        if (request.caller() instanceof Caller.User user) return user.kind().word() + ":" + user.id();
        throw new IllegalStateException("BUG: " + request.route() + " is not declared for users only");
    }

    private static Reply shown(Channel channel) {
        return Reply.ok(channel.json()).header("ETag", channel.tag());
    }

    private static ObjectNode object(Request request) {
        if (request.json() instanceof ObjectNode body) return body;
        throw PlatformException.malformed("The body must be a JSON object.");
    }

    private static String name(SettingsFields body) {
        var name = body.line("name").orElseThrow(() -> body.invalid("name", "is missing"));
        if (name.length() > Limits.ACCESS_NAME_CHARACTERS || name.isBlank() || !name.equals(name.strip())) {
            throw body.invalid("name", "must be 1 to " + Limits.ACCESS_NAME_CHARACTERS
                    + " characters, with spaces only between them");
        }
        return name;
    }

    private static ObjectNode settings(SettingsFields body) {
        var settings = body.json().path("settings");
        if (settings.isMissingNode() || settings.isNull()) return JsonNodeFactory.instance.objectNode();
        if (settings instanceof ObjectNode object) return object;
        throw body.invalid("settings", "must be an object");
    }

    private static Long number(Request request, String name) {
        return request.query().text(name).isEmpty() ? null : request.query().whole(name, 0L, 1L, Long.MAX_VALUE);
    }
}
