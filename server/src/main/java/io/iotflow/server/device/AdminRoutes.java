package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Query;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/// What an operator does with devices.
public final class AdminRoutes implements Routes {
    private final DeviceRegistry registry;
    private final DeviceSearch search;
    private final Presence presence;
    private final Statuses statuses;
    private final DeviceDetails details;
    private final OrganizationNamed organizations;
    private final LongSupplier pointsWritten;
    private final InstantSource clock;

    /// What another feature adds to the view of one device.
    @FunctionalInterface
    public interface DeviceDetails {
        void addTo(ObjectNode answer, Device device);
    }

    /// The organization whose number a body names.
    @FunctionalInterface
    public interface OrganizationNamed {
        /// @throws PlatformException `INVALID` for what is no organization within the scope
        OrganizationPath named(OrganizationPath scope, JsonNode id);
    }

    /// @param pointsWritten how many measurements the telemetry store has taken
    public AdminRoutes(DeviceRegistry registry, DeviceSearch search, Presence presence, Statuses statuses,
                       DeviceDetails details, OrganizationNamed organizations, LongSupplier pointsWritten,
                       InstantSource clock) {
        this.registry = registry;
        this.search = search;
        this.presence = presence;
        this.statuses = statuses;
        this.details = details;
        this.organizations = organizations;
        this.pointsWritten = pointsWritten;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("admin/devices", Access.with(Permission.DEVICES_READ), this::list);
        table.post("admin/devices", Access.with(Permission.DEVICES_WRITE), this::create);
        table.get("admin/devices/{device}", Access.with(Permission.DEVICES_READ), this::show);
        table.put("admin/devices/{device}", Access.with(Permission.DEVICES_WRITE), this::change);
        table.delete("admin/devices/{device}", Access.with(Permission.DEVICES_WRITE), this::decommission);
        table.put("admin/devices/{device}/status", Access.with(Permission.DEVICES_WRITE), this::changeStatus);
        table.post("admin/devices/{device}/api-key", Access.with(Permission.CREDENTIALS_WRITE), this::rotateKey);
        table.get("admin/stats", Access.with(Permission.DEVICES_READ), this::figures);
        table.get("admin/cache/device-status", Access.with(Permission.PLATFORM_READ), this::cacheUsage);
        table.delete("admin/cache/device-status", Access.with(Permission.PLATFORM_WRITE), this::clearCache);
        table.delete("admin/cache/devices/{device}", Access.with(Permission.PLATFORM_WRITE), this::forget);
    }

    private Reply list(Request request) {
        var among = request.query().text("is_online").isEmpty() ? DeviceQuery.Among.ALL
                : new DeviceQuery.Among(presence.onlineIds(), request.query().flag("is_online"));
        var choice = Choice.of(request.query(), request.scope(), among, search.grouping());
        var page = search.list(request.scope(), query(request.query(), choice.among()), choice.filters());
        var answer = JsonNodeFactory.instance.objectNode();
        var devices = answer.putArray("devices");
        page.devices().forEach(device -> devices.add(json(device, request)));
        page.total().addTo(answer.put("count", page.devices().size()))
                .put("next_cursor", page.nextCursor().orElse(null));
        return Reply.ok(answer);
    }

    private static DeviceQuery query(Query query, DeviceQuery.Among among) {
        var sort = query.text("sort").orElse("id");
        var isDescending = sort.startsWith("-");
        return new DeviceQuery(query.text("status").orElse(""), query.text("device_type").orElse(""),
                query.text("search").orElse(""), among, sortOf(isDescending ? sort.substring(1) : sort), isDescending,
                query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX),
                query.whole("offset", 0, 0, Integer.MAX_VALUE), query.text("cursor").orElse(""));
    }

    private static DeviceQuery.Sort sortOf(String field) {
        for (var sort : DeviceQuery.Sort.values()) {
            if (sort.name().toLowerCase(Locale.ROOT).equals(field)) return sort;
        }
        throw PlatformException.invalid("sort", "must be id, name, device_type, status, created_at, updated_at or "
                + "last_seen, with a minus sign in front for descending");
    }

    private Reply create(Request request) {
        var json = request.json();
        var organization = json instanceof ObjectNode body && body.has("organization_id")
                ? organizations.named(request.scope(), body.remove("organization_id")) : request.scope();
        var wish = DeviceBody.registration(json);
        var made = registry.register(request.actor(), organization, wish.name(), wish.profile(), DeviceStatus.ACTIVE);
        return Reply.created(DeviceRoutes.registered(made, json(made.device(), request)));
    }

    private Reply show(Request request) {
        var device = device(request);
        var answer = JsonNodeFactory.instance.objectNode();
        answer.set("device", json(device, request));
        var groups = answer.putArray("groups");
        for (var group : search.facts(device, request.scope()).groups()) {
            groups.addObject().put("id", group.id()).put("name", group.name());
        }
        answer.set("auth_records", keys(request, device));
        details.addTo(answer, device);
        return Reply.ok(answer).header("ETag", DeviceRoutes.tag(device));
    }

    private ArrayNode keys(Request request, Device device) {
        var now = clock.instant();
        var records = JsonNodeFactory.instance.arrayNode();
        for (var key : registry.keys(request.scope(), device.id())) {
            var end = key.rotateAfter().map(due -> due.plus(registry.keyAgeGrace()));
            var isActive = key.revokedAt().isEmpty() && key.expiresAt().map(now::isBefore).orElse(true)
                    && end.map(now::isBefore).orElse(true);
            records.addObject().put("id", key.id()).put("created_at", key.createdAt().toString())
                    .put("expires_at", key.expiresAt().map(Object::toString).orElse(null))
                    .put("revoked_at", key.revokedAt().map(Object::toString).orElse(null)).put("active", isActive)
                    .put("rotate_after", key.rotateAfter().map(Object::toString).orElse(null))
                    .put("due", isActive && key.rotateAfter().map(due -> !now.isBefore(due)).orElse(false));
        }
        return records;
    }

    private Reply change(Request request) {
        var json = request.json();
        var device = registry.update(request.actor(), device(request).id(), request.ifMatch(),
                now -> DeviceBody.changed(now, json));
        return DeviceRoutes.updated(device, json(device, request));
    }

    private Reply changeStatus(Request request) {
        var wanted = DeviceBody.status(request.json());
        var device = registry.update(request.actor(), device(request).id(), OptionalLong.empty(), wanted);
        return DeviceRoutes.updated(device, json(device, request));
    }

    private Reply decommission(Request request) {
        return DeviceRoutes.decommissioned(registry.decommission(request.actor(), device(request).id()));
    }

    private Reply rotateKey(Request request) {
        var device = device(request);
        var rotated = grace(request).map(grace -> registry.rotateKey(request.actor(), device.id(), grace))
                .orElseGet(() -> registry.rotateKey(request.actor(), device.id()));
        return DeviceRoutes.rotated(rotated);
    }

    private static Optional<Duration> grace(Request request) {
        if (!request.hasBody() || request.body().length == 0) return Optional.empty();
        var seconds = request.json().path("grace_seconds");
        if (seconds.isMissingNode() || seconds.isNull()) return Optional.empty();
        if (!seconds.canConvertToExactIntegral() || !seconds.canConvertToLong()) {
            throw PlatformException.invalid("grace_seconds", "must be a whole number");
        }
        return Optional.of(Duration.ofSeconds(seconds.longValue()));
    }

    private Reply figures(Request request) {
        var totals = presence.totals(statuses.within(request.scope()));
        return Reply.ok(Map.of("status", "success",
                "devices", registry.counts().shown(request.scope(), totals.online()),
                "telemetry", Map.of("messages", totals.messages(), "points_written", pointsWritten.getAsLong())));
    }

    private Reply cacheUsage(Request request) {
        var usage = statuses.usage();
        var seconds = usage.goodUntil().map(until -> Duration.between(clock.instant(), until).toSeconds()).orElse(0L);
        return Reply.ok(Map.of("status", "success", "entries", usage.devices(), "ttl_seconds", Math.max(0, seconds),
                "hits", usage.fromMemory(), "misses", usage.fromDatabase()));
    }

    private Reply clearCache(Request request) {
        registry.cache().clear();
        return cleared("Device caches emptied");
    }

    private Reply forget(Request request) {
        var device = device(request);
        registry.cache().drop(device.id(), device.name());
        return cleared("Device " + device.id() + " will be read again");
    }

    private static Reply cleared(String message) {
        return Reply.ok(Map.of("status", "success", "message", message));
    }

    private ObjectNode json(Device device, Request request) {
        return DeviceJson.of(device, presence, registry.metadata(device, request.caller()));
    }

    private Device device(Request request) {
        return registry.require(request.caller(), request.parameter("device"));
    }
}
