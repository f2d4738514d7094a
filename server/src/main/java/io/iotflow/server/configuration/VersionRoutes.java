package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The versions of one device below `devices/{device}/configurations`, and those of types and groups in the same way
/// below `configurations`, where the query says whose and which.
final class VersionRoutes {
    private static final Access READ = Access.with(Permission.DEVICES_READ);
    private static final Access WRITE = Access.with(Permission.CONFIGURATIONS_WRITE);
    private static final String DEVICE = "devices/{device}/configurations";
    private static final String SHARED = "configurations";

    private final DeviceRegistry registry;
    private final Configurations configurations;
    private final Versions versions;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;

    VersionRoutes(DeviceRegistry registry, Configurations configurations,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        this.registry = registry;
        this.configurations = configurations;
        this.versions = configurations.versions();
        this.organizations = organizations;
    }

    void declare(RouteTable table) {
        declare(table, DEVICE, this::device);
        table.post(DEVICE, WRITE, request -> request.json().has("configuration") ? create(request, device(request))
                : ConfigurationRoutes.set(configurations, request, registry.require(request.caller(),
                request.parameter("device")).id()));
        table.get(DEVICE + "/effective", READ, this::effective);
        table.get(DEVICE + "/{version}", READ, request -> show(request, device(request), request.id("version")));
        table.post(DEVICE + "/{version}/activate", WRITE, request ->
                activate(request, device(request), request.id("version")));
        declare(table, SHARED, this::shared);
        table.post(SHARED, WRITE, request -> create(request, shared(request)));
        table.get(SHARED + "/version", READ, request -> show(request, shared(request), version(request)));
        table.post(SHARED + "/activate", WRITE, request -> activate(request, shared(request), version(request)));
    }

    private void declare(RouteTable table, String base, Function<Request, Owner> owner) {
        table.get(base, READ, request -> list(request, owner.apply(request)));
        table.get(base + "/diff", READ, request -> diff(request, owner.apply(request)));
        table.post(base + "/rollback", WRITE, request -> rollBack(request, owner.apply(request)));
        table.post(base + "/deactivate", WRITE, request -> {
            var it = owner.apply(request);
            return changed(request, it, versions.deactivate(request.actor(), it, request.ifMatch()), false);
        });
    }

    private Owner device(Request request) {
        var device = registry.require(request.caller(), request.parameter("device"));
        return new Owner(new Target.OfDevice(device.id()), device.organization());
    }

    private Owner shared(Request request) {
        var target = Target.shared(request.query().text("target").orElseThrow(() -> PlatformException.invalid("target",
                "must be type:<device type> or group:<number>")));
        return switch (target) {
            case Target.OfGroup(var group) -> new Owner(target, configurations.groups().find(request.scope(), group)
                    .orElseThrow(() -> PlatformException.notFound("such group")));
            case Target.OfType _, Target.OfDefault _, Target.OfDevice _ ->
                    new Owner(target, organization(request, organizations));
        };
    }

    static OrganizationPath organization(Request request,
            BiFunction<OrganizationPath, Long, OrganizationPath> organizations) {
        var number = request.query().whole("organization_id", 0L, 0L, Long.MAX_VALUE);
        return organizations.apply(request.scope(), number == 0 ? null : number);
    }

    private static long version(Request request) {
        if (request.query().text("version").isEmpty()) throw PlatformException.invalid("version", "is missing");
        return request.query().whole("version", 0L, 1L, Long.MAX_VALUE);
    }

    private Reply list(Request request, Owner owner) {
        var page = versions.list(request.scope(), owner, Page.Wish.of(request.query()));
        return Reply.ok(page.json("versions", Version::summary)).header("ETag", tag(request, owner));
    }

    private Reply show(Request request, Owner owner, long version) {
        var found = versions.require(request.scope(), owner, version);
        return Reply.ok(found.json()).header("ETag", "\"" + found.version() + "\"");
    }

    private Reply create(Request request, Owner owner) {
        var fields = Fields.of("", request.json());
        var values = fields.required("configuration");
        var note = note(fields);
        var isActive = fields.flag("activate", false);
        fields.end();
        return changed(request, owner, versions.create(request.actor(), owner, values, note, isActive,
                request.ifMatch()), true);
    }

    private Reply activate(Request request, Owner owner, long version) {
        return changed(request, owner, versions.activate(request.actor(), owner, version, request.ifMatch()), false);
    }

    private Reply rollBack(Request request, Owner owner) {
        var fields = Fields.of("", request.hasBody() ? request.json() : JsonNodeFactory.instance.objectNode());
        var version = fields.find("version").map(it -> {
            if (!it.isIntegralNumber() || !it.canConvertToLong()) {
                throw fields.refusal("version", "must be a version's number");
            }
            return OptionalLong.of(it.longValue());
        }).orElse(OptionalLong.empty());
        var note = note(fields);
        fields.end();
        return changed(request, owner, versions.rollBack(request.actor(), owner, version, note, request.ifMatch()),
                true);
    }

    private static String note(Fields fields) {
        var note = fields.text("note", Limits.CONFIGURATION_NOTE_CHARACTERS).orElse("");
        if (!StorableText.accepts(note)) {
            throw fields.refusal("note", "must not have the character 0 or broken Unicode");
        }
        return note;
    }

    private Reply changed(Request request, Owner owner, Version version, boolean isNew) {
        return (isNew ? Reply.created(version.json()) : Reply.ok(version.json())).header("ETag", tag(request, owner));
    }

    /// The version that is active: what `If-Match` is held against.
    private String tag(Request request, Owner owner) {
        return "\"" + versions.active(request.scope(), owner).map(Version::version).orElse(0L) + "\"";
    }

    private Reply diff(Request request, Owner owner) {
        var active = versions.active(request.scope(), owner);
        var from = request.query().whole("from", active.map(Version::version).orElse(0L), 0L, Long.MAX_VALUE);
        var newest = versions.list(request.scope(), owner, new Page.Wish(0, 1)).items().stream().findFirst();
        var to = request.query().whole("to", newest.map(Version::version).orElse(0L), 0L, Long.MAX_VALUE);
        var answer = JsonNodeFactory.instance.objectNode().put("from", from).put("to", to);
        var changes = answer.putArray("changes");
        Difference.between(values(request, owner, from), values(request, owner, to))
                .forEach(it -> changes.add(it.json()));
        return Reply.ok(answer.put("count", changes.size()));
    }

    /// Version 0 is none at all.
    private JsonNode values(Request request, Owner owner, long version) {
        return version == 0 ? JsonNodeFactory.instance.objectNode()
                : Content.values(versions.require(request.scope(), owner, version).entries());
    }

    private Reply effective(Request request) {
        var device = registry.require(request.caller(), request.parameter("device"));
        var settled = configurations.look(request.scope(), device.id())
                .orElseThrow(() -> PlatformException.notFound("such living device"));
        var state = settled.state();
        var answer = JsonNodeFactory.instance.objectNode().put("device_id", device.id().value())
                .put("version", state.version()).put("hash", state.configuration().hash())
                .put("changed_at", state.version() == 0 ? null : state.changedAt().toString());
        answer.set("configuration", state.entries());
        var levels = answer.putArray("levels");
        settled.levels().forEach(level -> levels.add(level.json()));
        var sources = answer.putObject("sources");
        settled.merged().sources().forEach((path, level) -> sources.set(path, level.json()));
        DriftRoutes.describe(state, answer);
        return Reply.ok(answer).header("ETag", "\"" + state.version() + "\"");
    }
}
