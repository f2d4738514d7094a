package io.iotflow.server.http;

/// The way back to one WebSocket client. Safe from any thread; writing blocks while the client does not read, so a
/// feature MUST write from a thread of its own and bound what waits for it.
public interface WebSocketConnection {

    /// @throws java.io.UncheckedIOException when the client is gone
    void send(String text);

    /// Who a credential belongs to that came in a message, since browsers cannot send it in the handshake.
    ///
    /// @param authorization as in the header: `admin <token>`, or `apikey <key>`
    /// @throws io.iotflow.server.core.PlatformException when nobody has this credential
    Caller authenticate(String authorization);

    /// Ends the conversation with a status of RFC 6455 §7.4. Does nothing when it is over already.
    void close(int status, String reason);
}
