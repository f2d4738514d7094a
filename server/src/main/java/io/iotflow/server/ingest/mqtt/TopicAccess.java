package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Permission;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// Who may subscribe to what, and under which topic the broker knows it.
///
/// A device has several topics for one thing: by id or by name, below `devices/` or `iotflow/devices/`. Inside the
/// broker there is one, `devices/{id}/…`. What a client writes is translated on the way in; what it receives is
/// translated back on the way out, so that a topic always comes in the form in which the client asked for it.
/// For one connection and its thread.
final class TopicAccess {
    private static final String SHARED = "$share/";
    static final String ROOT = "devices/";
    private static final String NOTICE = DeviceTopic.Kind.QUARANTINE.word();
    private static final String PREFIX = "iotflow/";
    private static final String ALERTS = "iotflow/alerts/";
    /// Filters of one connection that are translated back; further ones come in the broker's form.
    private static final int SPOKEN_AT_MOST = 100;

    private final MqttSession session;
    private final FleetGroups groups;
    private final BiFunction<OrganizationPath, String, Optional<DeviceId>> deviceNamed;
    private final Optional<ForeignTopics> foreign;
    /// Filters whose topics this client writes differently, and how: broker's filter → what stands before the slash
    /// that follows the device.
    private final Map<String, String> spoken;

    TopicAccess(MqttSession session, BiFunction<OrganizationPath, String, Optional<DeviceId>> deviceNamed,
            FleetGroups groups) {
        this(session, deviceNamed, groups, new HashMap<>(2), (_, _) -> Optional.empty());
    }

    /// @param calls  the command that a device was called to do under a number
    /// @param spoken what this session's earlier connections have asked for, kept up to date here
    TopicAccess(MqttSession session, BiFunction<OrganizationPath, String, Optional<DeviceId>> deviceNamed,
            FleetGroups groups, Map<String, String> spoken, BiFunction<DeviceId, String, Optional<String>> calls) {
        this.session = session;
        this.groups = groups;
        foreign = session instanceof MqttSession.OfDevice(var id, var name, _)
                ? Optional.of(new ForeignTopics(id, name, calls)) : Optional.empty();
        this.deviceNamed = deviceNamed;
        this.spoken = spoken;
    }

    /// The broker's form of a filter that this session may subscribe to; empty if it may not.
    Optional<String> subscription(String filter) {
        if (!filter.startsWith(SHARED)) return plain(filter);
        var slash = filter.indexOf('/', SHARED.length());
        if (slash < 0) return Optional.empty();
        return plain(filter.substring(slash + 1)).map(plain -> filter.substring(0, slash + 1) + plain);
    }

    private Optional<String> plain(String filter) {
        if (filter.startsWith(ALERTS)) return Optional.of(filter).filter(this::mayFollowAlerts);
        var isLong = filter.startsWith(PREFIX);
        var topic = isLong ? filter.substring(PREFIX.length()) : filter;
        if (mayFollowAll() && (topic.equals("#") || topic.equals("devices/#"))) {
            remember("devices/#", isLong ? PREFIX + ROOT : null);
            return Optional.of("devices/#");
        }
        if (!topic.startsWith(ROOT)) {
            return FleetTopic.parse(filter).flatMap(this::fleet)
                    .or(() -> foreign.flatMap(it -> it.subscription(filter)));
        }
        var slash = topic.indexOf('/', ROOT.length());
        if (slash < 0) return Optional.empty();
        var word = topic.substring(ROOT.length(), slash);
        var known = device(word);
        if (known.isEmpty()) return Optional.empty();
        var isHeard = !(session instanceof MqttSession.OfQuarantined) || topic.substring(slash + 1).equals(NOTICE);
        if (!isHeard) return Optional.empty();
        var canonical = ROOT + known.get() + topic.substring(slash);
        var device = word.equals("+") ? "" : word;
        remember(canonical, isLong ? PREFIX + ROOT + device : known.get().equals(word) ? null : ROOT + device);
        return Optional.of(canonical);
    }

    /// A device hears what is said to the groups that it is in, and to those above them.
    private Optional<String> fleet(FleetTopic topic) {
        var group = switch (session) {
            case MqttSession.OfDevice(var id, _, _) -> groups.ofDevice(id, topic.group());
            case MqttSession.OfQuarantined _ -> Optional.<Long>empty();
            case MqttSession.OfUser(var user) when user.may(Permission.TELEMETRY_READ) ->
                    groups.named(user.organization(), topic.group());
            case MqttSession.OfUser _ -> Optional.<Long>empty();
        };
        var canonical = group.map(id -> FleetTopic.ROOT + id + topic.rest());
        canonical.ifPresent(filter -> remember(filter, topic.group().equals(group.get().toString()) ? null
                : FleetTopic.ROOT + topic.group()));
        return canonical;
    }

    /// Takes a message from the broker that this device has no right to any more.
    boolean withholds(ChannelHandlerContext ctx, MqttPublishMessage message, ChannelPromise promise) {
        return session instanceof MqttSession.OfDevice(var id, _, _)
                && FleetTopic.withholds(ctx, id, groups, message, promise);
    }

    /// Alerts come below the number of the organization whose channel tells them; whoever belongs to it may hear of all
    /// that the channel serves.
    private boolean mayFollowAlerts(String filter) {
        return session instanceof MqttSession.OfUser(var user) && user.may(Permission.ALERTS_READ)
                && (user.organization().equals(OrganizationPath.ROOT)
                || filter.startsWith(ALERTS + user.organization().id() + "/"));
    }

    /// What all devices send passes no check for each message, so it is for those only who may see every device.
    private boolean mayFollowAll() {
        return session instanceof MqttSession.OfUser(var user) && user.may(Permission.TELEMETRY_READ)
                && user.organization().equals(OrganizationPath.ROOT);
    }

    private void remember(String filter, String prefix) {
        if (prefix == null) spoken.remove(filter);
        else if (spoken.size() < SPOKEN_AT_MOST) spoken.put(filter, prefix);
    }

    /// The id, as text, of a device that this session may follow; `+` stays for those who may follow all.
    private Optional<String> device(String word) {
        return switch (session) {
            case MqttSession.OfDevice(var id, var name, _) ->
                    word.equals(name) || word.equals(id.toString()) ? Optional.of(id.toString()) : Optional.empty();
            case MqttSession.OfQuarantined(var id, var name, _) ->
                    word.equals(name) || word.equals(id.toString()) ? Optional.of(id.toString()) : Optional.empty();
            case MqttSession.OfUser _ when word.equals("+") -> Optional.of(word).filter(_ -> mayFollowAll());
            case MqttSession.OfUser(var user) when user.may(Permission.TELEMETRY_READ) ->
                    deviceNamed.apply(user.organization(), word).map(DeviceId::toString);
            case MqttSession.OfUser _ -> Optional.empty();
        };
    }

    /// What a message to a topic of another platform is for us; empty for whoever may not publish there.
    Optional<DeviceTopic> published(String topic) {
        return foreign.flatMap(it -> it.published(topic));
    }

    /// What a gateway says for the devices behind it; empty if the topic is no such.
    Optional<DeviceTopic> saidForOthers(String topic) {
        return foreign.flatMap(it -> it.saidForOthers(topic));
    }

    /// The device that this session may speak for on the topic; empty if it may not publish there.
    Optional<DeviceId> publisher(DeviceTopic topic) {
        return switch (session) {
            case MqttSession.OfDevice(var id, var name, _) when topic.isUp()
                    && (topic.device().equals(name) || topic.device().equals(id.toString())) -> Optional.of(id);
            case MqttSession.OfDevice _, MqttSession.OfQuarantined _ -> Optional.empty();
            case MqttSession.OfUser(var user) when topic.kind() == DeviceTopic.Kind.COMMANDS && !topic.isUp()
                    && user.may(Permission.COMMANDS_SEND) -> deviceNamed.apply(user.organization(), topic.device());
            case MqttSession.OfUser _ -> Optional.empty();
        };
    }

    /// Whether a device that subscribes to this filter of the broker hears what its shadow lacks.
    boolean coversShadow(String filter) {
        if (!(session instanceof MqttSession.OfDevice(var id, _, _))) return false;
        var plain = filter.startsWith(SHARED) ? filter.substring(filter.indexOf('/', SHARED.length()) + 1) : filter;
        return matches(plain, DeviceTopic.of(id.toString(), DeviceTopic.Kind.SHADOW, "delta"))
                || matches(plain, ForeignTopics.canonical(id, "aws/update/delta"));
    }

    /// The broker's topic for something of this device.
    static String canonical(DeviceId device, DeviceTopic topic) {
        var base = DeviceTopic.of(device.toString(), topic.kind());
        return topic.rest().isEmpty() ? base : base + '/' + topic.rest();
    }

    MqttPublishMessage asSpoken(MqttPublishMessage message) {
        var topic = message.variableHeader().topicName();
        var spoken = asSpoken(topic);
        return spoken.equals(topic) ? message : Packets.withTopic(message, spoken);
    }

    /// The broker's topic as this client has asked for it.
    String asSpoken(String topic) {
        if (topic.startsWith(ForeignTopics.ROOT)) return foreign.map(it -> it.asSpoken(topic)).orElse(topic);
        if (spoken.isEmpty()) return topic;
        var root = topic.startsWith(ROOT) ? ROOT : FleetTopic.ROOT;
        if (!topic.startsWith(root)) return topic;
        for (var form : spoken.entrySet()) {
            if (!matches(form.getKey(), topic)) continue;
            var prefix = form.getValue();
            return prefix + topic.substring(prefix.endsWith("/") ? root.length() : topic.indexOf('/', root.length()));
        }
        return topic;
    }

    /// Whether a topic filter covers a topic.
    static boolean matches(String filter, String topic) {
        var at = 0;
        for (int i = 0; i < filter.length(); i++) {
            var c = filter.charAt(i);
            if (c == '#') return true;
            if (c == '+') {
                var slash = topic.indexOf('/', at);
                at = slash < 0 ? topic.length() : slash;
            } else if (at < topic.length() && topic.charAt(at) == c) {
                at++;
            } else {
                return at == topic.length() && filter.startsWith("/#", i); // a/# covers a
            }
        }
        return at == topic.length();
    }
}
