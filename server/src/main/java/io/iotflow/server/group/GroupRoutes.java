package io.iotflow.server.group;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.Presence;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/// Groups, as far as the caller may see them.
public final class GroupRoutes implements Routes {
    private static final Access READ = Access.with(Permission.DEVICES_READ);
    private static final Access WRITE = Access.with(Permission.DEVICES_WRITE);
    private static final Pattern NAME =
            Pattern.compile("[^\\p{Cntrl}/+#$\\s](?:[^\\p{Cntrl}/+#]*[^\\p{Cntrl}/+#\\s])?");
    private static final Pattern GROUPS_READ = Pattern.compile("device\\s*(\\?\\.|\\.|\\[\\s*['\"])\\s*groups\\b");

    private final Groups groups;
    private final DeviceRegistry devices;
    private final DeviceSearch search;
    private final Statuses statuses;
    private final Presence presence;
    private final OpenAlerts alerts;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    /// How many alerts are open at each device that has any.
    @FunctionalInterface
    public interface OpenAlerts {
        Map<DeviceId, Long> within(OrganizationPath scope);
    }

    /// @param organizations the organization of a number, if it is within a scope; the scope itself for null
    public GroupRoutes(Groups groups, DeviceRegistry devices, DeviceSearch search, Statuses statuses,
            Presence presence, OpenAlerts alerts,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.groups = groups;
        this.devices = devices;
        this.search = search;
        this.statuses = statuses;
        this.presence = presence;
        this.alerts = alerts;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("groups", READ, this::list);
        table.post("groups", WRITE, this::create);
        table.get("groups/tree", READ, this::tree);
        table.get("groups/{group}", READ, this::show);
        table.put("groups/{group}", WRITE, this::change);
        table.delete("groups/{group}", WRITE, request -> {
            groups.delete(request.actor(), group(request), request.ifMatch());
            return Reply.noContent();
        });
        table.get("groups/{group}/devices", READ, this::members);
        table.post("groups/{group}/members", WRITE, this::moveMany);
        table.put("groups/{group}/members/{device}", WRITE, request -> moved(groups.move(request.actor(),
                group(request), List.of(living(request)), List.of())));
        table.delete("groups/{group}/members/{device}", WRITE, request -> moved(groups.move(request.actor(),
                group(request), List.of(), List.of(device(request).id()))));
    }

    private Group group(Request request) {
        return groups.require(request.scope(), request.parameter("group"));
    }

    private Device device(Request request) {
        return devices.require(request.caller(), request.parameter("device"));
    }

    /// One that may come into the group: of its organization, or of one below.
    private Device living(Request request) {
        var device = device(request);
        Groups.requireFits(group(request).asSeen(), device, "device");
        return device;
    }

    // ---- reading

    private Reply list(Request request) {
        var wish = Page.Wish.of(request.query());
        var search = request.query().text("search").orElse("");
        var rows = groups.list(request.scope()).stream().filter(group -> group.id() > wish.after()
                && group.name().contains(search)).limit(wish.limit() + 1L).toList();
        return Reply.ok(Page.of(rows, wish, Group::id).json("groups", Group::json));
    }

    private Reply show(Request request) {
        var group = group(request);
        var json = group.json();
        json.set("totals", totals(request).getOrDefault(group.id(), Totals.NONE).json(hasAlerts(request)));
        return Reply.ok(json).header("ETag", group.tag());
    }

    private Map<Long, Totals> totals(Request request) {
        return groups.memberships().totals(request.scope(),
                hasAlerts(request) ? alerts.within(request.scope()) : Map.of());
    }

    private static boolean hasAlerts(Request request) {
        return request.caller() instanceof Caller.User user && user.may(Permission.ALERTS_READ);
    }

    private Reply tree(Request request) {
        var totals = totals(request);
        var book = groups.memberships().book();
        var all = groups.list(request.scope());
        var answer = Json.mapper().createObjectNode();
        var roots = answer.putArray("groups");
        for (var group : all) if (group.parent().isEmpty()) branch(roots, book, group, totals, hasAlerts(request));
        return Reply.ok(answer.put("count", all.size()));
    }

    private static void branch(ArrayNode into, GroupBook book, Group group, Map<Long, Totals> totals,
            boolean hasAlerts) {
        var json = group.json();
        json.set("totals", totals.getOrDefault(group.id(), Totals.NONE).json(hasAlerts));
        var below = json.putArray("groups");
        into.add(json);
        for (var child : book.below(group.id())) branch(below, book, child, totals, hasAlerts);
    }

    private Reply members(Request request) {
        var wish = Page.Wish.of(request.query());
        var members = groups.memberships().members(group(request));
        var rows = statuses.list(line -> line.id().value() > wish.after() && members.contains(line.id()),
                wish.limit() + 1, 0);
        var answer = Page.of(rows.devices(), wish, line -> line.id().value()).json("devices", this::line);
        return Reply.ok(answer.put("total", members.size()));
    }

    private ObjectNode line(Statuses.Line line) {
        var state = presence.of(line.id());
        return Json.mapper().createObjectNode().put("id", line.id().value()).put("name", line.name())
                .put("device_type", line.type()).put("status", line.status().word())
                .put("is_online", state.isOnline())
                .put("last_seen", state.lastSeen().map(Object::toString).orElse(null));
    }

    // ---- changing

    private Reply create(Request request) {
        var document = document(request);
        var number = document.remove("organization_id");
        if (number != null && !number.isIntegralNumber()) {
            throw PlatformException.invalid("organization_id", "must be a number");
        }
        var organization = organizations.apply(request.scope(), number == null ? null : number.longValue());
        var made = groups.create(request.actor(), organization, content(document));
        return Reply.created(made.json()).header("ETag", made.tag());
    }

    private Reply change(Request request) {
        var group = group(request);
        var document = document(request);
        document.remove("organization_id");
        var changed = groups.change(request.actor(), group, request.ifMatch(), content(document));
        return Reply.ok(changed.json()).header("ETag", changed.tag());
    }

    /// What was read may be sent back as it is: what the platform itself writes there is left out.
    private static ObjectNode document(Request request) {
        if (!(request.json() instanceof ObjectNode body)) {
            throw PlatformException.malformed("The body must be one JSON object and nothing else.");
        }
        return body.deepCopy().remove(List.of("id", "totals", "groups", "created_at", "updated_at"));
    }

    private static Group.Content content(ObjectNode document) {
        if (!StorableText.accepts(document)) {
            throw PlatformException.malformed("The body " + StorableText.NO_JSON + ".");
        }
        var fields = Fields.of("", document);
        var name = fields.requiredText("name", Limits.ACCESS_NAME_CHARACTERS);
        if (!NAME.matcher(name).matches() || name.matches("[0-9]+")) {
            throw fields.refusal("name", "must be text without / + # and control characters, with spaces only between "
                    + "words, and no number: it is a word of topics, where a number is an id");
        }
        var parent = fields.find("parent_id").map(GroupRoutes::number).orElse(OptionalLong.empty());
        var filter = fields.text("filter", Limits.EXPRESSION_CHARACTERS).map(text -> filter("filter", text));
        fields.word("kind", Map.of("static", false, "dynamic", true)).ifPresent(isDynamic -> {
            if (isDynamic == filter.isPresent()) return;
            throw isDynamic ? fields.refusal("filter", "is missing: it says which devices a dynamic group holds")
                    : fields.refusal("filter", "does not go with a static group, which lists its members");
        });
        var content = new Group.Content(name,
                fields.text("description", Limits.DEVICE_DESCRIPTION_CHARACTERS).orElse(""), parent, filter);
        fields.end();
        return content;
    }

    private static OptionalLong number(JsonNode node) {
        if (node.isIntegralNumber() && node.canConvertToLong() && node.longValue() > 0) {
            return OptionalLong.of(node.longValue());
        }
        throw PlatformException.invalid("parent_id", "must be the number of a group, or null");
    }

    /// Groups are not made of groups: what is in one would depend on the order of looking.
    private static DeviceFilter filter(String field, String text) {
        if (GROUPS_READ.matcher(text).find()) {
            throw PlatformException.invalid(field, "must not ask for device.groups; put the groups under one another");
        }
        return DeviceFilter.parse(field, text);
    }

    private Reply moveMany(Request request) {
        var group = group(request);
        Groups.requireStatic(group);
        var body = Fields.of("", request.json());
        var in = chosen(request, body, "add");
        var out = chosen(request, body, "remove");
        body.end();
        if (in.isEmpty() && out.isEmpty()) throw body.refusal("add", "is missing, and so is remove");
        var added = in.orElse(Map.of());
        added.forEach((field, device) -> Groups.requireFits(group.asSeen(), device, field));
        return moved(groups.move(request.actor(), group, added.values(),
                out.orElse(Map.of()).values().stream().map(Device::id).toList()));
    }

    /// Devices by the field that names them.
    private Optional<Map<String, Device>> chosen(Request request, Fields body, String what) {
        return body.object(what).map(fields -> {
            var chosen = new LinkedHashMap<String, Device>();
            fields.list("devices", FleetLimits.GROUP_BULK, (path, node) -> {
                if (!node.isTextual() && !node.isIntegralNumber()) {
                    throw PlatformException.invalid(path, "must be a device's id or name");
                }
                return chosen.put(path, devices.find(request.scope(), node.asText()).orElseThrow(() ->
                        PlatformException.invalid(path, "names a device that there is not")));
            });
            fields.text("filter", Limits.EXPRESSION_CHARACTERS).ifPresent(text -> {
                var filter = DeviceFilter.parse(fields.path("filter"), text);
                for (var device : matching(request, filter)) chosen.put(fields.path("filter") + device.id(), device);
            });
            fields.end();
            return chosen;
        });
    }

    private List<Device> matching(Request request, DeviceFilter filter) {
        var found = new ArrayList<Device>();
        var group = group(request);
        search.forEach(group.organization(), List.of(filter), found::add);
        return found;
    }

    private static Reply moved(Groups.Moved moved) {
        return Reply.ok(Json.mapper().createObjectNode().put("added", moved.added()).put("removed", moved.removed()));
    }
}
