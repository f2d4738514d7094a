package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.PayloadException;
import io.iotflow.protocol.TelemetryDecoder;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Query;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Trying rules before use: with messages made by hand, and over the history.
public final class TrialRoutes implements Routes, AutoCloseable {
    private static final Access READ = Access.with(Permission.RULES_READ);
    private static final Access WRITE = Access.with(Permission.RULES_WRITE);
    private static final Duration LONGEST_SPAN = Duration.ofDays(366);

    private final Rules rules;
    private final BiFunction<Caller, String, Device> device;
    private final Function<OrganizationPath, List<Device>> devices;
    private final DeviceFacts.Around around;
    private final History history;
    private final Function<DeviceId, JsonNode> shadow;
    private final Replays replays = new Replays();
    private final TelemetryDecoder decoder = new TelemetryDecoder(TelemetryLimits.STANDARD, Set.of("device"));

    /// @param device  the one that a caller names, which may see it
    /// @param devices all living ones of an organization and those below
    /// @param around  what is known of them beside their records
    /// @param shadow  of a device as of now
    public TrialRoutes(Rules rules, BiFunction<Caller, String, Device> device,
            Function<OrganizationPath, List<Device>> devices, DeviceFacts.Around around, History history,
            Function<DeviceId, JsonNode> shadow) {
        this.rules = rules;
        this.around = around;
        this.device = device;
        this.devices = devices;
        this.history = history;
        this.shadow = shadow;
    }

    @Override
    public void declare(RouteTable table) {
        table.post("rules/test", WRITE, request -> test(request, Optional.empty()));
        table.post("rules/{rule}/test", WRITE, request ->
                test(request, Optional.of(rules.require(request.scope(), request.id("rule")))));
        table.post("rules/replay", WRITE, request -> replay(request, Optional.empty()));
        table.post("rules/{rule}/replay", WRITE, request ->
                replay(request, Optional.of(rules.require(request.scope(), request.id("rule")))));
        table.get("rules/replays/{replay}", READ, request -> Reply.ok(json(require(request))));
        table.delete("rules/replays/{replay}", WRITE, request -> {
            require(request).replay().cancel();
            return Reply.noContent();
        });
    }

    private Replays.Kept require(Request request) {
        return replays.require(request.scope(), request.id("replay"));
    }

    /// The rule that the body brings, or the one that is kept.
    private RuleProgram program(Request request, Fields body, Optional<Rule> kept) {
        var brought = body.find("rule");
        if (brought.isEmpty() && kept.isEmpty()) throw body.refusal("rule", "is missing: the rule to be tried");
        if (brought.isPresent() && !brought.get().isObject()) throw body.refusal("rule", "must be an object");
        var organization = kept.map(Rule::organization).orElse(request.scope());
        ObjectNode document = brought.map(it -> (ObjectNode) it.deepCopy()).orElseGet(() -> kept.get().document());
        document = document.deepCopy();
        document.remove(List.of("id", "version", "created_at", "updated_at", "organization_id", "faults"));
        if (!document.hasNonNull("name")) document.put("name", "trial");
        return rules.trial(kept.map(Rule::id).orElse(0L), organization, RuleReader.heading(document), document);
    }

    private Reply test(Request request, Optional<Rule> kept) {
        var body = Fields.of("", request.json());
        var program = program(request, body, kept);
        var given = body.text("device", Limits.DEVICE_NAME_CHARACTERS).map(name -> {
            requireMay(request, Permission.DEVICES_READ);
            return device.apply(request.caller(), name);
        });
        var messages = body.list("messages", Limits.TRIAL_MESSAGES, (path, node) -> decode(path, node, request));
        var until = body.text("until", 64).map(text -> Query.time("until", text, request.receivedAt()));
        body.end();
        if (messages.isEmpty()) throw body.refusal("messages", "is missing: one payload for each message");
        var first = messages.getFirst().stream().mapToLong(it -> it.timeMicros()).min().orElseThrow();
        requireSpan(body, messages, until.map(Timestamps::micros).orElse(first), first);
        var watched = given.map(it -> new WatchedDevice(it, null, () -> shadow.apply(it.id())))
                .orElseGet(() -> new WatchedDevice(pretended(program)));
        var trial = new Trial(program, watched, first);
        var answer = Json.mapper().createObjectNode();
        answer.put("applies_to_device", given.isEmpty() || program.isFor(watched));
        ArrayNode steps = answer.putArray("steps");
        for (var message : messages) steps.add(trial.measured(message));
        until.ifPresent(time -> steps.add(trial.passed(Timestamps.micros(time))));
        return Reply.ok(answer);
    }

    /// Each minute of it may be a step.
    private static void requireSpan(Fields body, List<List<Measurement>> messages, long until, long first) {
        var last = messages.stream().flatMap(List::stream).mapToLong(Measurement::timeMicros).max().orElseThrow();
        if (Math.max(until, last) - first > RuleProgram.micros(Limits.RULE_WINDOW)) {
            throw body.refusal(until > last ? "until" : "messages", "must be within "
                    + Limits.RULE_WINDOW.toDays() + " days of the first message");
        }
    }

    /// History, and what devices are, take permissions of their own.
    private static void requireMay(Request request, Permission permission) {
        if (request.caller() instanceof Caller.User user && !user.may(permission)) {
            throw new PlatformException(ErrorCode.FORBIDDEN, "This takes the permission " + permission.word()
                    + " as well.");
        }
    }

    /// When the caller names none: a device about which nothing is known.
    private static Device pretended(RuleProgram program) {
        var now = program.rule().createdAt();
        return new Device(new DeviceId(1), program.rule().organization(), "trial", "trial", "",
                "", "", "", Json.mapper().createObjectNode(), Json.mapper().createArrayNode(), "",
                DeviceStatus.ACTIVE, Optional.empty(), 1, now, now);
    }

    private List<Measurement> decode(String path, JsonNode node, Request request) {
        var bytes = node.toString().getBytes(StandardCharsets.UTF_8);
        try {
            return decoder.decode(bytes, 0, bytes.length, request.receivedAt());
        } catch (PayloadException e) {
            throw PlatformException.invalid(path, "is no telemetry: " + e.getMessage());
        }
    }

    private Reply replay(Request request, Optional<Rule> kept) {
        var body = Fields.of("", request.json());
        var program = program(request, body, kept);
        var start = Query.time("start_time", body.requiredText("start_time", 64), request.receivedAt());
        var end = body.text("end_time", 64).map(text -> Query.time("end_time", text, request.receivedAt()))
                .orElse(request.receivedAt());
        if (!start.isBefore(end) || Duration.between(start, end).compareTo(LONGEST_SPAN) > 0) {
            throw body.refusal("start_time", "must be before end_time, at most "
                    + LONGEST_SPAN.toDays() + " days");
        }
        var named = body.texts("devices", Limits.RULE_SCOPE_NAMES, Limits.DEVICE_NAME_CHARACTERS).stream()
                .map(name -> device.apply(request.caller(), name)).toList();
        body.end();
        requireMay(request, Permission.TELEMETRY_READ);
        requireMay(request, Permission.DEVICES_READ);
        var among = named.isEmpty() ? devices.apply(program.rule().organization()) : named;
        var affected = new ArrayList<Device>();
        for (var it : among) if (request.scope().contains(it.organization())) affected.add(it);
        var inForce = kept.flatMap(rule -> rules.book().find(rule.id()));
        var replay = new Replay(program, body.find("rule").isPresent() ? inForce : Optional.empty(), affected, around,
                shadow, Timestamps.micros(start), Timestamps.micros(end), history);
        var made = replays.start(kept.map(Rule::id).orElse(0L), request.scope(), replay);
        return Reply.json(202, json(made)).header("Location", "/api/v1/rules/replays/" + made.id());
    }

    private static ObjectNode json(Replays.Kept kept) {
        var progress = kept.replay().progress();
        var json = Json.mapper().createObjectNode().put("id", kept.id())
                .put("rule_id", kept.rule() == 0 ? null : (Long) kept.rule())
                .put("state", progress.state().name().toLowerCase(Locale.ROOT))
                .put("devices_done", progress.devicesDone()).put("devices", progress.devices())
                .put("points", progress.points()).put("seconds", progress.seconds())
                .put("failure", progress.failure().isEmpty() ? null : progress.failure());
        var would = kept.replay().would();
        side(json.putObject("would"), would);
        kept.replay().present().ifPresentOrElse(present -> {
            side(json.putObject("in_force"), present);
            var difference = json.putObject("difference");
            list(difference.putArray("only_would"), without(would.alerts(), present.alerts()));
            list(difference.putArray("only_in_force"), without(present.alerts(), would.alerts()));
        }, () -> json.putNull("in_force").putNull("difference"));
        return json;
    }

    /// Those that are open at no time when one of the others is, at the same device and of the same key.
    static List<Replay.Would> without(List<Replay.Would> those, List<Replay.Would> others) {
        var byPlace = new HashMap<String, List<Replay.Would>>();
        for (var it : others) {
            byPlace.computeIfAbsent(it.device() + "/" + it.key(), _ -> new ArrayList<>()).add(it);
        }
        return those.stream().filter(it -> byPlace.getOrDefault(it.device() + "/" + it.key(), List.of()).stream()
                .noneMatch(other -> overlap(it, other))).toList();
    }

    private static boolean overlap(Replay.Would one, Replay.Would other) {
        return !one.began().isAfter(other.ended().orElse(Instant.MAX))
                && !other.began().isAfter(one.ended().orElse(Instant.MAX));
    }

    private static void side(ObjectNode into, Replay.Side side) {
        into.put("begun", side.begun());
        list(into.putArray("alerts"), side.alerts());
    }

    private static void list(ArrayNode into, List<Replay.Would> alerts) {
        for (var alert : alerts) {
            into.addObject().put("device_id", alert.device().value()).put("device_name", alert.deviceName())
                    .put("key", alert.key()).put("began_at", alert.began().toString())
                    .put("ended_at", alert.ended().map(Object::toString).orElse(null))
                    .put("message", alert.message());
        }
    }

    @Override
    public void close() {
        replays.close();
    }
}
