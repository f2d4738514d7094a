package io.iotflow.server.http;

/// Answers one WebSocket. Called on the connection's virtual thread after the credentials were checked and before the
/// handshake is answered, so a thrown `PlatformException` refuses the handshake.
@FunctionalInterface
public interface WebSocketHandler {
    WebSocketConversation open(Request handshake, WebSocketConnection connection);
}
