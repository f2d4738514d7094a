package io.iotflow.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// The wire form of server-sent events.
final class ServerSentEvents implements EventStream {
    private static final byte[] KEEP_ALIVE = ":\n\n".getBytes(StandardCharsets.UTF_8);

    private final OutputStream out;

    /// Says hello at once, so that the client knows that it is connected before the first event.
    ServerSentEvents(OutputStream out) throws IOException {
        this.out = out;
        keepAlive();
    }

    @Override
    public void send(String id, String type, String data) throws IOException {
        var text = new StringBuilder(data.length() + 48);
        if (id != null) text.append("id: ").append(oneLine(id)).append('\n');
        if (type != null) text.append("event: ").append(oneLine(type)).append('\n');
        text.append("data: ").append(data.indexOf('\n') < 0 ? data : data.replace("\n", "\ndata: ")).append("\n\n");
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void keepAlive() throws IOException {
        out.write(KEEP_ALIVE);
        out.flush();
    }

    private static String oneLine(String word) {
        return word.indexOf('\n') < 0 ? word : word.replace('\n', ' ');
    }
}
