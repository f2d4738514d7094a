package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What a device asks and says about itself.
public final class DeviceRoutes implements Routes {
    private static final String PROVISIONING_KEY = "X-Provisioning-Key";
    private static final String ROTATIONS = "10/1h";

    private final DeviceRegistry registry;
    private final DeviceSearch search;
    private final Presence presence;
    private final Statuses statuses;
    private final RegistrationGate gate;
    private final Provisioning provisioning;
    private final MqttAddress mqtt;
    private final Heartbeats heartbeats;

    /// Where a heartbeat goes.
    @FunctionalInterface
    public interface Heartbeats {
        void beat(DeviceId device, Instant at);
    }

    public DeviceRoutes(DeviceRegistry registry, DeviceSearch search, Provisioning provisioning, Presence presence,
                        Statuses statuses, RegistrationGate gate, MqttAddress mqtt, Heartbeats heartbeats) {
        this.registry = registry;
        this.search = search;
        this.provisioning = provisioning;
        this.presence = presence;
        this.statuses = statuses;
        this.gate = gate;
        this.mqtt = mqtt;
        this.heartbeats = heartbeats;
    }

    @Override
    public void declare(RouteTable table) {
        table.post("devices/register", Access.PUBLIC, this::register).credentialHeader(PROVISIONING_KEY);
        table.get("devices/status", Access.DEVICE, this::ownStatus).forWaiting();
        table.get("devices/{device}/status", Access.deviceOrWith(Permission.DEVICES_READ),
                request -> status(request, registry.require(request.caller(), request.parameter("device"))));
        table.get("devices/statuses", Access.deviceOrWith(Permission.DEVICES_READ), this::statuses);
        table.post("devices/heartbeat", Access.DEVICE, this::heartbeat);
        table.post("devices/api-key", Access.DEVICE, this::rotateKey).rateLimit(ROTATIONS);
        table.put("devices/config", Access.DEVICE, this::report);
        table.get("devices/mqtt-credentials", Access.DEVICE, this::mqttCredentials);
        table.delete("devices/unregister", Access.DEVICE, this::unregister);
    }

    private Reply register(Request request) {
        var made = switch (gate.admit(request.caller(), request.header(PROVISIONING_KEY), request.remoteAddress())) {
            case ACTIVE -> {
                var wish = DeviceBody.registration(request.json());
                yield registry.register(request.actor(), wish.name(), wish.profile(), DeviceStatus.ACTIVE);
            }
            case WAITING -> {
                var wish = DeviceBody.registration(request.json());
                yield registry.registerWaiting(request.actor(), wish.name(), wish.profile());
            }
            case BY_KEY -> registerByKey(request);
        };
        return Reply.created(registered(made, DeviceJson.ofNew(made.device(), presence, registry)));
    }

    private DeviceRegistry.Registered registerByKey(Request request) {
        var key = gate.admitKey(provisioning, request.header(PROVISIONING_KEY).orElseThrow(), request.remoteAddress());
        var wish = DeviceBody.registration(request.json(), key.type());
        return provisioning.register(request.actor(), key, wish.name(), wish.profile(), (_, _, _) -> {});
    }

    /// The only answer that ever shows a key, besides that of its rotation.
    static ObjectNode registered(DeviceRegistry.Registered made, ObjectNode device) {
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Device registered");
        answer.set("device", device.put("api_key", made.apiKey()));
        return answer;
    }

    private Reply status(Request request, Device device) {
        return Reply.ok(statusOf(request, device));
    }

    private ObjectNode statusOf(Request request, Device device) {
        var answer = JsonNodeFactory.instance.objectNode().put("status", "success");
        answer.set("device", json(device, request.caller()));
        return answer;
    }

    private Reply ownStatus(Request request) {
        return Reply.ok(withKey(statusOf(request, self(request)), request));
    }

    /// When the key that was sent is due, and until when it is taken; nothing of one that has no end.
    private ObjectNode withKey(ObjectNode answer, Request request) {
        var key = request.header("X-API-Key").flatMap(ApiKey::hashOf).flatMap(registry::key);
        key.map(DeviceStore.KeyOwner::rotateAfter).filter(due -> !due.equals(Instant.MAX))
                .ifPresent(due -> answer.put("key_rotate_after", due.toString()));
        key.map(DeviceStore.KeyOwner::validUntil).filter(end -> !end.equals(Instant.MAX))
                .ifPresent(end -> answer.put("key_expires_at", end.toString()));
        return answer;
    }

    /// For a device that replaces its own key: the old one lives on for a grace, should this answer be lost.
    private Reply rotateKey(Request request) {
        return rotated(registry.rotateKey(request.actor(), own(request)));
    }

    static Reply rotated(DeviceRegistry.RotatedKey rotated) {
        return Reply.created(JsonNodeFactory.instance.objectNode().put("message", "API key rotated")
                .put("device_id", rotated.device().id().value()).put("api_key", rotated.apiKey())
                .put("old_key_valid_until", rotated.oldKeysEndAt().toString()));
    }

    private ObjectNode json(Device device, Caller caller) {
        return DeviceJson.of(device, presence, registry.metadata(device, caller));
    }

    private Device self(Request request) {
        return registry.require(request.caller(), own(request).toString());
    }

    private Reply statuses(Request request) {
        var query = request.query();
        var limit = query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        var offset = query.whole("offset", 0, 0, Integer.MAX_VALUE);
        var status = query.text("status").map(DeviceStatus::of);
        var type = query.text("device_type");
        var choice = Choice.of(query, request.scope(), seen(request.caller()), search.grouping());
        if (!choice.filters().isEmpty() || query.text("group").isPresent() || query.text("cursor").isPresent()) {
            return chosen(choice, new DeviceQuery(status.map(DeviceStatus::word).orElse(""), type.orElse(""), "",
                    choice.among(), DeviceQuery.Sort.ID, false, limit, offset, query.text("cursor").orElse("")),
                    request.scope());
        }
        var glance = statuses.list(line -> isVisible(request.caller(), line)
                && status.map(line.status()::equals).orElse(true)
                && type.map(line.type()::equals).orElse(true), limit, offset);
        var answer = new LinkedHashMap<String, Object>();
        answer.put("status", "success");
        answer.put("devices", glance.devices().stream().map(this::line).toList());
        answer.put("meta", Map.of("total", glance.total(), "total_at_least", glance.total(), "limit", limit,
                "offset", offset, "cache_used", glance.isFromMemory()));
        return Reply.ok(answer);
    }

    /// A device sees itself only.
    private static DeviceQuery.Among seen(Caller caller) {
        return caller instanceof Caller.Device self ? new DeviceQuery.Among(new long[] {self.id().value()}, true)
                : DeviceQuery.Among.ALL;
    }

    /// With the database, because memory has not all that a filter asks for.
    private Reply chosen(Choice choice, DeviceQuery query, OrganizationPath scope) {
        var page = search.list(scope, query, choice.filters());
        var answer = JsonNodeFactory.instance.objectNode().put("status", "success");
        var devices = answer.putArray("devices");
        page.devices().forEach(device -> devices.add(line(Statuses.Line.of(device))));
        page.total().addTo(answer.putObject("meta")).put("limit", query.limit()).put("offset", query.offset())
                .put("cache_used", false).put("next_cursor", page.nextCursor().orElse(null));
        return Reply.ok(answer);
    }

    private static boolean isVisible(Caller caller, Statuses.Line line) {
        return caller.organization().contains(line.organization())
                && (!(caller instanceof Caller.Device self) || self.id().equals(line.id()));
    }

    private ObjectNode line(Statuses.Line line) {
        var state = presence.of(line.id());
        return JsonNodeFactory.instance.objectNode().put("id", line.id().value()).put("name", line.name())
                .put("device_type", line.type()).put("status", line.status().word())
                .put("is_online", state.isOnline())
                .put("last_seen", state.lastSeen().map(Object::toString).orElse(null));
    }

    private Reply heartbeat(Request request) {
        heartbeats.beat(own(request), request.receivedAt());
        return Reply.ok(withKey(JsonNodeFactory.instance.objectNode().put("message", "Heartbeat received")
                .put("device_id", own(request).value()).put("timestamp", request.receivedAt().toString())
                .put("status", "online"), request));
    }

    private Reply report(Request request) {
        var json = request.json();
        var device = registry.update(request.actor(), own(request), OptionalLong.empty(),
                now -> DeviceBody.reported(now, json));
        return updated(device, json(device, request.caller()));
    }

    static Reply updated(Device device, ObjectNode json) {
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Device updated");
        answer.set("device", json);
        return Reply.ok(answer).header("ETag", tag(device));
    }

    static String tag(Device device) {
        return "\"" + device.revision() + "\"";
    }

    private Reply mqttCredentials(Request request) {
        var device = self(request);
        var root = "devices/" + device.id() + "/";
        var topics = JsonNodeFactory.instance.objectNode();
        for (var word : List.of("telemetry", "status", "heartbeat", "errors")) {
            topics.put(word + "_publish", root + word);
        }
        for (var word : List.of("commands", "config")) topics.put(word + "_subscribe", root + word);
        topics.put("command_result_publish", root + "commands/{id}/result");
        var credentials = JsonNodeFactory.instance.objectNode()
                .put("mqtt_host", mqtt.host().orElseGet(() -> hostOf(request)))
                .put("mqtt_port", orNull(mqtt.port())).put("mqtts_port", orNull(mqtt.tlsPort()))
                .put("websocket_port", orNull(mqtt.webSocketPort()))
                .put("client_id", "iotflow-" + device.id()).put("username", device.name());
        credentials.set("topics", topics);
        var answer = JsonNodeFactory.instance.objectNode().put("status", "success");
        answer.set("credentials", credentials);
        return Reply.ok(answer);
    }

    private Reply unregister(Request request) {
        return decommissioned(registry.decommission(request.actor(), own(request)));
    }

    static Reply decommissioned(Device device) {
        return Reply.ok(JsonNodeFactory.instance.objectNode().put("message", "Device decommissioned")
                .put("device_id", device.id().value()));
    }

    private static DeviceId own(Request request) {
        return request.device().id();
    }

    private static Integer orNull(int port) {
        return port == 0 ? null : Integer.valueOf(port);
    }

    /// The host by which the device reached us; it will reach the broker by the same.
    private static String hostOf(Request request) {
        var host = request.header("Host").orElse("localhost");
        var colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
