package io.iotflow.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.SocketFactory;

/// Bytes on a socket, for what no HTTP client would send.
final class RawClient implements AutoCloseable {
    private final Socket socket;

    RawClient(int port) {
        this(port, SocketFactory.getDefault());
    }

    RawClient(int port, SocketFactory sockets) {
        try {
            socket = sockets.createSocket("127.0.0.1", port);
            socket.setSoTimeout(10_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawClient send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Everything until the server closes, or resets.
    String untilClosed() {
        var all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (java.net.SocketException reset) {
            // What had arrived before the reset is what counts.
        } catch (IOException e) {
            throw new UncheckedIOException("after " + all.size() + " bytes", e);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /// Reads until this text has come, or fails after the socket's timeout.
    String until(String end) {
        var all = new StringBuilder();
        try {
            while (all.indexOf(end) < 0) {
                var one = socket.getInputStream().read();
                if (one < 0) return all.toString();
                all.append((char) one);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("after " + all, e);
        }
        return all.toString();
    }

    RawClient endOutput() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
