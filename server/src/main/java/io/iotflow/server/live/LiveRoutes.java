package io.iotflow.server.live;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Authentication;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/// The feed over server-sent events and WebSocket. A device hears of itself only.
public final class LiveRoutes implements Routes {
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
    private static final int UNAUTHORIZED = 4401;

    private final LiveFeed feed;
    private final BiFunction<Caller, String, DeviceId> deviceNamed;
    private final List<Authentication> authentications;

    public LiveRoutes(LiveFeed feed, BiFunction<Caller, String, DeviceId> deviceNamed,
            List<Authentication> authentications) {
        this.feed = feed;
        this.deviceNamed = deviceNamed;
        this.authentications = List.copyOf(authentications);
    }

    @Override
    public void declare(RouteTable table) {
        table.get("stream", Access.deviceOrWith(Permission.TELEMETRY_READ), this::stream).longLived();
        // Public, because a browser can send its credential in the first message only.
        table.webSocket("/ws", Access.PUBLIC, (handshake, connection) -> new Conversation(handshake, connection));
    }

    private Reply stream(Request request) {
        var query = request.query();
        var filter = filter(request.caller(), query.list("types"), query.list("devices"));
        var last = request.header("Last-Event-ID").or(() -> query.text("last_event_id"));
        var after = last.map(LiveRoutes::sequence).orElse(Long.MAX_VALUE);
        return Reply.events(stream -> {
            try (var subscription = feed.subscribe(filter, after)) {
                requireLiving(request.caller());
                for (var next = subscription.next(KEEP_ALIVE); next != null; next = subscription.next(KEEP_ALIVE)) {
                    send(next, stream);
                }
            }
        });
    }

    /// Looks after subscribing, so that a device whose life ends now is either found here or ended by the feed.
    private void requireLiving(Caller caller) {
        if (caller instanceof Caller.Device self) deviceNamed.apply(caller, self.id().toString());
    }

    private static void send(Subscription.Delivery delivery, EventStream stream) throws IOException {
        if (delivery.dropped() > 0) stream.send(null, "lagged", lagged(delivery.dropped()));
        else if (delivery.events().isEmpty()) stream.keepAlive();
        for (var event : delivery.events()) {
            stream.send(Long.toString(event.sequence()), event.type().word(), event.json());
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

    private Filter filter(Caller caller, List<String> types, List<String> devices) {
        var wantedTypes = types.stream().map(LiveRoutes::type).collect(Collectors.toSet());
        var wanted = devices.stream().map(name -> deviceNamed.apply(caller, name)).collect(Collectors.toSet());
        if (!(caller instanceof Caller.Device self)) return new Filter(caller.organization(), wantedTypes, wanted);
        wanted.add(self.id());
        return new Filter(caller.organization(), wantedTypes, wanted, Optional.of(self.id()));
    }

    private static Type type(String word) {
        for (var type : Type.values()) if (type.word().equals(word.toLowerCase(Locale.ROOT))) return type;
        throw PlatformException.invalid("types", "are telemetry, alert, device, command and rollout, not " + word);
    }

    /// One WebSocket: `{"authorization":"admin <token>"}` unless the handshake had a credential, then any number of
    /// `{"subscribe":{"types":[…],"devices":[…]}}`, of which the last one counts.
    private final class Conversation implements WebSocketConversation {
        private final WebSocketConnection connection;
        private Caller caller;
        private Subscription subscription;

        Conversation(Request handshake, WebSocketConnection connection) {
            this.connection = connection;
            caller = handshake.caller();
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
            var space = credential.indexOf(' ');
            var scheme = space < 0 ? "apikey" : credential.substring(0, space).toLowerCase(Locale.ROOT);
            var secret = credential.substring(space + 1);
            caller = authentications.stream().flatMap(known -> known.authenticate(scheme, secret).stream())
                    .filter(known -> !(known instanceof Caller.Device device && device.isWaiting()))
                    .findFirst().orElse(new Caller.Anonymous());
            if (!(caller instanceof Caller.Anonymous)) return true;
            connection.close(UNAUTHORIZED, "the credential is not valid");
            return false;
        }

        private void subscribe(JsonNode wanted) {
            if (caller instanceof Caller.Anonymous) {
                throw new PlatformException(ErrorCode.UNAUTHORIZED, "Send {\"authorization\":\"…\"} first.");
            }
            var filter = filter(caller, texts(wanted, "types"), texts(wanted, "devices"));
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
                    for (var event : next.events()) connection.send(event.json());
                }
                connection.close(UNAUTHORIZED, "the device is not known any more");
            } catch (UncheckedIOException _) {
                // the client is gone
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void closed() {
            if (subscription != null) subscription.close();
        }
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
