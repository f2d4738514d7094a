package io.iotflow.server.live;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.EventStream;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.http.WebSocketConnection;
import io.iotflow.server.http.WebSocketConversation;
import io.iotflow.server.live.LiveEvent.Type;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The feed over server-sent events and WebSocket. A device hears of itself only. A stream ends when its reader's
/// credential does, or when the reader may do something else than before.
public final class LiveRoutes implements Routes {
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
    private static final Access READERS = Access.deviceOrWith(Permission.TELEMETRY_READ);
    private static final int UNAUTHORIZED = 4401;
    /// What types take besides.
    private static final Map<Type, Permission> PERMISSIONS = Map.of(Type.ALERT, Permission.ALERTS_READ,
            Type.ROLLOUT, Permission.FIRMWARE_READ, Type.BATCH, Permission.DEVICES_READ);

    private final LiveFeed feed;
    private final BiFunction<Caller, String, DeviceId> deviceNamed;
    private final GroupsNamed groupsNamed;

    /// Which devices are in groups that a caller names.
    @FunctionalInterface
    public interface GroupsNamed {
        /// @throws PlatformException `NOT_FOUND` for a group that the caller may not see
        Predicate<DeviceId> of(Caller caller, List<String> groups);
    }

    public LiveRoutes(LiveFeed feed, BiFunction<Caller, String, DeviceId> deviceNamed, GroupsNamed groupsNamed) {
        this.feed = feed;
        this.deviceNamed = deviceNamed;
        this.groupsNamed = groupsNamed;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("stream", READERS, this::stream).longLived();
        // Public, because a browser can send its credential in the first message only.
        table.webSocket("/ws", Access.PUBLIC, (handshake, connection) -> new Conversation(handshake, connection));
    }

    private Reply stream(Request request) {
        var query = request.query();
        var filter = filter(request.caller(), List.of(
                wish(request.caller(), query.list("types"), query.list("devices"), query.list("groups"))));
        var last = request.header("Last-Event-ID").or(() -> query.text("last_event_id"));
        var after = last.map(LiveRoutes::sequence).orElse(Long.MAX_VALUE);
        return Reply.events(stream -> {
            try (var subscription = feed.subscribe(filter, after)) {
                requireLiving(request.caller());
                var watch = watch(() -> isSame(request.caller(), request::callerNow), subscription::end);
                try {
                    for (var next = subscription.next(KEEP_ALIVE); next != null; next = subscription.next(KEEP_ALIVE)) {
                        send(next, stream, filter.isClear());
                    }
                } finally {
                    watch.interrupt();
                }
            }
        });
    }

    /// Looks again and again whether a reader is still welcome, on a thread of its own, until he is not or it is
    /// interrupted.
    private static Thread watch(BooleanSupplier isWelcome, Runnable end) {
        return Thread.ofVirtual().name("live-watch").start(() -> {
            try {
                while (isWelcome.getAsBoolean()) TimeUnit.NANOSECONDS.sleep(Limits.LIVE_CHECK.toNanos());
                end.run();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// What a caller may do is part of it.
    private static boolean isSame(Caller before, Supplier<Caller> now) {
        try {
            return now.get().equals(before);
        } catch (PlatformException refused) {
            return refused.code() != ErrorCode.UNAUTHORIZED;
        }
    }

    /// Looks after subscribing, so that a device whose life ends now is either found here or ended by the feed.
    private void requireLiving(Caller caller) {
        if (caller instanceof Caller.Device self) deviceNamed.apply(caller, self.id().toString());
    }

    private static void send(Subscription.Delivery delivery, EventStream stream, boolean isClear)
            throws IOException {
        if (delivery.dropped() > 0) stream.send(null, "lagged", lagged(delivery.dropped()));
        else if (delivery.events().isEmpty()) stream.keepAlive();
        for (var event : delivery.events()) {
            stream.send(Long.toString(event.sequence()), event.type().word(), event.json(isClear));
        }
    }

    private static String lagged(long dropped) {
        return "{\"type\":\"lagged\",\"dropped\":" + dropped + "}";
    }

    private static long sequence(String id) {
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException _) {
            throw PlatformException.malformed("Last-Event-ID is a number that the stream has sent.");
        }
    }

    private Filter.Wish wish(Caller caller, List<String> types, List<String> devices, List<String> groups) {
        var wantedTypes = types.stream().map(LiveRoutes::type).collect(Collectors.toSet());
        var wanted = devices.stream().map(name -> deviceNamed.apply(caller, name)).collect(Collectors.toSet());
        if (groups.size() > FleetLimits.LIVE_GROUPS) {
            throw PlatformException.invalid("groups", "must be " + FleetLimits.LIVE_GROUPS + " at most");
        }
        Predicate<DeviceId> isInGroups = _ -> true;
        if (!groups.isEmpty()) {
            var members = groupsNamed.of(caller, groups);
            isInGroups = device -> device != null && members.test(device);
        }
        for (var type : wantedTypes) {
            if (!mayHear(caller, type)) {
                throw forbidden("Live events of the type " + type.word(), PERMISSIONS.get(type));
            }
        }
        if (caller instanceof Caller.Device self) wanted.add(self.id());
        return new Filter.Wish(wantedTypes, wanted, isInGroups);
    }

    private static Filter filter(Caller caller, List<Filter.Wish> wishes) {
        var heard = EnumSet.allOf(Type.class);
        heard.removeIf(type -> !mayHear(caller, type));
        return caller instanceof Caller.Device self
                ? new Filter(caller.organization(), wishes, Optional.of(self.id()), true, heard)
                : new Filter(caller.organization(), wishes, Optional.empty(), may(caller, Permission.SENSITIVE_READ),
                        heard);
    }

    private static boolean mayHear(Caller caller, Type type) {
        return !PERMISSIONS.containsKey(type) || may(caller, PERMISSIONS.get(type))
                || caller instanceof Caller.Device && type == Type.ROLLOUT; // of its own updates
    }

    private static boolean may(Caller caller, Permission permission) {
        return caller instanceof Caller.User user && user.may(permission);
    }

    private static PlatformException forbidden(String what, Permission permission) {
        return new PlatformException(ErrorCode.FORBIDDEN, what + " need the permission " + permission.word() + ".");
    }

    private static Type type(String word) {
        for (var type : Type.values()) if (type.word().equals(word.toLowerCase(Locale.ROOT))) return type;
        throw PlatformException.invalid("types", "are telemetry, alert, device, command, rollout and batch, not "
                + word);
    }

    /// @param now whose the same credential is by now
    private record Identity(Caller caller, Supplier<Caller> now) {}

    /// One WebSocket: `{"authorization":"admin <token>"}` unless the handshake had a credential, then any number of
    /// `{"subscribe":{"types":[…],"devices":[…],"groups":[…]}}`, of which the last one counts; or a list of such
    /// wishes. Authorizing again before a token ends keeps it open.
    private final class Conversation implements WebSocketConversation {
        private final WebSocketConnection connection;
        private final long opened = System.nanoTime();
        private final Thread watch;
        private volatile Identity identity;
        private Subscription subscription;

        Conversation(Request handshake, WebSocketConnection connection) {
            this.connection = connection;
            identity = new Identity(handshake.caller(), handshake::callerNow);
            watch = watch(this::isWelcome, () -> connection.close(UNAUTHORIZED, "sign in, and come back"));
        }

        @Override
        public void opened() {
            // The client speaks first.
        }

        @Override
        public void received(String text) {
            var message = Json.read(text.getBytes(StandardCharsets.UTF_8));
            if (message.has("authorization") && !authorize(message.get("authorization").asText())) return;
            if (message.has("subscribe")) subscribe(message.get("subscribe"));
            else if (!message.has("authorization")) {
                throw PlatformException.malformed("Send {\"authorization\":\"admin <token>\"} and "
                        + "{\"subscribe\":{\"types\":[…],\"devices\":[…]}}.");
            }
        }

        private boolean authorize(String credential) {
            Supplier<Caller> owner = () -> connection.authenticate(credential);
            try {
                var known = new Identity(owner.get(), owner);
                var isOther = !(identity.caller() instanceof Caller.Anonymous)
                        && !identity.caller().equals(known.caller());
                if (isOther) connection.close(UNAUTHORIZED, "come back on a new connection to be somebody else");
                else identity = known;
                return !isOther;
            } catch (PlatformException _) {
                connection.close(UNAUTHORIZED, "the credential is not valid");
                return false;
            }
        }

        private boolean isWelcome() {
            var known = identity;
            if (known.caller() instanceof Caller.Anonymous) {
                return System.nanoTime() - opened < Limits.LIVE_AUTHORIZATION.toNanos();
            }
            return isSame(known.caller(), known.now()) || identity != known;
        }

        private void subscribe(JsonNode wanted) {
            var caller = identity.caller();
            if (caller instanceof Caller.Anonymous) {
                throw new PlatformException(ErrorCode.UNAUTHORIZED, "Send {\"authorization\":\"…\"} first.");
            }
            if (!READERS.admits(caller)) throw forbidden("Live events", Permission.TELEMETRY_READ);
            var filter = filter(caller, wishes(caller, wanted));
            if (subscription != null) {
                subscription.filter(filter);
                return;
            }
            subscription = feed.subscribe(filter);
            requireLiving(caller);
            var mine = subscription;
            Thread.ofVirtual().name("live-websocket").start(() -> deliver(mine));
        }

        private void deliver(Subscription mine) {
            try (mine) {
                for (var next = mine.next(KEEP_ALIVE); next != null; next = mine.next(KEEP_ALIVE)) {
                    if (next.dropped() > 0) connection.send(lagged(next.dropped()));
                    for (var event : next.events()) connection.send(event.json(mine.isClear()));
                }
                connection.close(UNAUTHORIZED, "sign in, and come back");
            } catch (UncheckedIOException _) {
                // the client is gone
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void closed() {
            watch.interrupt();
            if (subscription != null) subscription.close();
        }
    }

    private List<Filter.Wish> wishes(Caller caller, JsonNode wanted) {
        if (!wanted.isArray()) return List.of(wish(caller, wanted));
        if (wanted.isEmpty() || wanted.size() > FleetLimits.LIVE_WISHES) {
            throw PlatformException.invalid("subscribe", "is one wish, or a list of 1 to " + FleetLimits.LIVE_WISHES);
        }
        return wanted.valueStream().map(each -> wish(caller, each)).toList();
    }

    private Filter.Wish wish(Caller caller, JsonNode wanted) {
        return wish(caller, texts(wanted, "types"), texts(wanted, "devices"), texts(wanted, "groups"));
    }

    private static List<String> texts(JsonNode wanted, String field) {
        var list = new ArrayList<String>();
        if (!wanted.path(field).isMissingNode() && !wanted.path(field).isArray()) {
            throw PlatformException.invalid("subscribe." + field, "is a list");
        }
        wanted.path(field).forEach(item -> list.add(item.asText()));
        return list;
    }
}
