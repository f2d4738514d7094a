package io.iotflow.server.http;

/// What a feature does with one WebSocket. All calls come on the connection's own virtual thread, one at a time.
public interface WebSocketConversation {

    /// The handshake has been answered; from now on the connection may be written to.
    void opened();

    /// One whole text message. A `PlatformException` thrown here is sent to the client as a problem document in a text
    /// message, and the conversation goes on.
    void received(String text);

    /// Always called once, whoever ended it and however.
    void closed();
}
