package io.iotflow.server.http;

import java.io.IOException;

/// Writes server-sent events to one client. Blocks while the client does not read. Not for several threads at once.
public interface EventStream {

    /// Sends one event at once.
    ///
    /// @param id   what the client repeats as `Last-Event-ID` when it comes back; null for none
    /// @param type the event's name; null for `message`
    /// @param data one line, JSON by our convention
    /// @throws IOException when the client is gone: return, then
    void send(String id, String type, String data) throws IOException;

    /// Sends a comment, which clients ignore: keeps proxies from closing a silent stream and notices a client that
    /// is gone. Wanted every 15 seconds or so.
    void keepAlive() throws IOException;

    /// What to do for one client. Returns when there is nothing more to say.
    @FunctionalInterface
    interface Source {
        void writeTo(EventStream stream) throws IOException, InterruptedException;
    }
}
