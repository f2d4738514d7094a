package io.iotflow.server.ingest.mqtt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.IngestOutcome;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// What one connection of a gateway says for the devices behind it, by the topics `v1/gateway/…` of ThingsBoard. Each
/// part of a message goes through the door as if its device had sent it.
///
/// One message after the other, on virtual threads, since it may wait for the database and for room in the log.
final class Spokesman {
    private static final String RESULT = "/result";
    private static final Duration RETRY = Duration.ofMillis(250);

    private final MqttContext context;
    private final DeviceId gateway;
    private final Connections.Connection connection;
    private final Map<DeviceId, String> present = new ConcurrentHashMap<>();
    private volatile Listener listener = (_, _) -> { };
    private volatile boolean isClosed;

    /// Told on any thread who comes and goes.
    interface Listener {
        void changed(DeviceId device, boolean isThere);
    }

    /// What became of a message. It is answered when the log is committed up to the position.
    sealed interface Said {}

    record Taken(long position) implements Said {}

    /// @param why some of it, at least, was refused; the rest was taken
    record Refused(long position, IngestOutcome.Rejected why) implements Said {}

    /// It MUST NOT be answered.
    record Failed() implements Said {}

    /// What is said for one device.
    private record Part(Device device, Kind kind, String rest, byte[] bytes, int offset, int length) {}

    Spokesman(MqttContext context, DeviceId gateway, Connections.Connection connection) {
        this.context = context;
        this.gateway = gateway;
        this.connection = connection;
    }

    void onChange(Listener those) {
        listener = those;
    }

    /// @param word    below `v1/gateway/`
    /// @param mayShed whether what finds no room in the log may be dropped
    /// @param then    told on the thread that has done it
    void take(String word, byte[] bytes, boolean mayShed, Consumer<Said> then) {
        Thread.startVirtualThread(() -> {
            Said said = new Failed();
            try {
                said = take(word, bytes, mayShed);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                context.connections().failed(e);
            } finally {
                then.accept(said);
            }
        });
    }

    private Said take(String word, byte[] bytes, boolean mayShed) throws InterruptedException {
        List<PartOf> parts;
        try {
            parts = read(word, bytes);
        } catch (PlatformException why) {
            return new Refused(0, refusal(Reason.MALFORMED, why));
        }
        IngestOutcome.Rejected problem = null;
        var position = 0L;
        var passing = new ArrayList<Part>();
        for (var each : parts) {
            try {
                var part = patiently(each);
                if (part.isEmpty()) continue;
                switch (accept(part.get(), mayShed)) {
                    case IngestOutcome.Accepted accepted -> {
                        position = Math.max(position, accepted.position());
                        if (!accepted.isSealed() && isFollowed(part.get())) passing.add(part.get());
                    }
                    case IngestOutcome.Rejected rejected -> problem = rejected;
                    case IngestOutcome.Overloaded _ -> context.statistics().shed();
                }
            } catch (PlatformException why) {
                if (why.code() == ErrorCode.UNAVAILABLE) return new Failed();
                problem = refusal(why.code() == ErrorCode.MALFORMED_REQUEST ? Reason.MALFORMED : Reason.NOT_AUTHORIZED,
                        why);
            }
        }
        if (!passing.isEmpty()) pass(passing, position);
        return problem == null ? new Taken(position) : new Refused(position, problem);
    }

    private IngestOutcome.Rejected refusal(Reason reason, PlatformException why) {
        context.statistics().rejected(reason);
        return new IngestOutcome.Rejected(reason, why.getMessage());
    }

    /// What cannot be known now is asked again, as long as the gateway waits for it: it is not read from meanwhile.
    private Optional<Part> patiently(PartOf part) {
        while (true) {
            try {
                return part.find();
            } catch (PlatformException e) {
                if (e.code() != ErrorCode.UNAVAILABLE || isClosed) throw e;
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
    }

    private IngestOutcome accept(Part part, boolean mayShed) throws InterruptedException {
        while (true) {
            var outcome = context.ingest().accept(new InboundMessage(InboundMessage.Via.MQTT, part.device().id(),
                    part.device().organization(), part.kind(), part.rest(), part.bytes(), part.offset(),
                    part.length()));
            if (!(outcome instanceof IngestOutcome.Overloaded) || mayShed || isClosed) return outcome;
            context.ingest().awaitRoom();
        }
    }

    private boolean isFollowed(Part part) {
        return part.kind() == Kind.TELEMETRY && context.hasSubscriber(topic(part));
    }

    private static String topic(Part part) {
        return DeviceTopic.of(part.device().id().toString(), part.kind());
    }

    /// Subscribers get what is on disk.
    private void pass(List<Part> parts, long position) throws InterruptedException {
        context.awaitCommitted(position);
        for (var part : parts) {
            context.publish(topic(part), Arrays.copyOfRange(part.bytes(), part.offset(),
                    part.offset() + part.length()));
        }
    }

    // ---- what the topics mean

    /// A part whose device is still to be found; nothing if there is nothing to be said.
    @FunctionalInterface
    private interface PartOf {
        Optional<Part> find();
    }

    private List<PartOf> read(String word, byte[] bytes) {
        return switch (word) {
            case "telemetry" -> each(bytes, Kind.TELEMETRY, "");
            case "attributes" -> each(bytes, Kind.SHADOW, "thingsboard/attributes");
            case "connect" -> List.of(() -> connect(object(bytes)));
            case "disconnect" -> List.of(() -> disconnect(object(bytes)));
            case "attributes/request" -> List.of(() -> asked(object(bytes), bytes));
            case "rpc" -> List.of(() -> answered(object(bytes)));
            default -> throw PlatformException.notFound("topic v1/gateway/" + word);
        };
    }

    private List<PartOf> each(byte[] bytes, Kind kind, String rest) {
        return PartReader.of(bytes).stream().<PartOf>map(it -> () -> Optional.of(new Part(come(it.device(), ""), kind,
                rest, bytes, it.offset(), it.length()))).toList();
    }

    private static ObjectNode object(byte[] bytes) {
        if (Json.read(bytes) instanceof ObjectNode object) return object;
        throw PlatformException.malformed("The message is one JSON object.");
    }

    private static String name(JsonNode message) {
        var name = message.path("device").asText();
        if (name.isEmpty()) throw PlatformException.malformed("The field device says for which device this is.");
        return name;
    }

    private Optional<Part> connect(ObjectNode message) {
        return Optional.of(part(come(name(message), message.path("type").asText()), Kind.HEARTBEAT, "", ""));
    }

    private Optional<Part> disconnect(ObjectNode message) {
        lost(context.gateways().behind(gateway, name(message)).id());
        return Optional.empty();
    }

    /// The answer is made from the question; see `GatewayDialect`.
    private Optional<Part> asked(ObjectNode message, byte[] bytes) {
        return Optional.of(new Part(come(name(message), ""), Kind.SHADOW,
                ForeignTopics.GATEWAY + "attributes/request", bytes, 0, bytes.length));
    }

    /// Nobody waits any more for what no call is known to.
    private Optional<Part> answered(ObjectNode message) {
        var device = come(name(message), "");
        return context.calls().command(device.id(), message.path("id").asText()).map(command ->
                part(device, Kind.COMMANDS, command + RESULT, Calls.result(message.path("data")).toString()));
    }

    private static Part part(Device device, Kind kind, String rest, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Part(device, kind, rest, bytes, 0, bytes.length);
    }

    // ---- who is there

    /// The device, which is there from now on.
    private Device come(String name, String type) {
        var device = context.gateways().come(gateway, name, type);
        if (present.containsKey(device.id())) return device;
        if (present.size() >= ShadowLimits.GATEWAY_DEVICES) {
            throw new PlatformException(ErrorCode.CONFLICT, "The gateway speaks for " + ShadowLimits.GATEWAY_DEVICES
                    + " devices on this connection already; disconnect some, or open another.");
        }
        present.put(device.id(), device.name());
        context.behind().come(device.id(), new Behind.Place(gateway, device.name(), this));
        context.connections().came(device.id(), connection);
        listener.changed(device.id(), true);
        if (isClosed) lost(device.id());
        return device;
    }

    /// It has left, or another speaks for it.
    void lost(DeviceId device) {
        if (present.remove(device) == null) return;
        context.behind().leave(device, this);
        context.connections().went(device, connection);
        listener.changed(device, false);
    }

    void checkAgain(DeviceId device) {
        if (!context.gateways().isBehind(device, gateway)) lost(device);
    }

    void close() {
        isClosed = true;
        present.keySet().forEach(this::lost);
    }
}
