package io.iotflow.server.notification;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/// An SMTP server on loopback that answers a recipient with the code its address begins with: `550@example.org`.
final class PickySmtp implements AutoCloseable {
    private final ServerSocket server;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    PickySmtp() {
        try {
            server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(() -> {
            while (!server.isClosed()) {
                try (var socket = server.accept()) {
                    talk(socket);
                } catch (IOException e) {
                    // The client has left, or the test has ended.
                    continue;
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    List<String> messages() {
        return messages;
    }

    private void talk(Socket socket) throws IOException {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        say(socket, "220 picky");
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            switch (line.split("[ :]")[0].toUpperCase(Locale.ROOT)) {
                case "RCPT" -> {
                    var code = line.replaceAll(".*<([0-9]*)[^0-9].*", "$1");
                    say(socket, code.isEmpty() ? "250 fine" : code + " not this one");
                }
                case "DATA" -> {
                    say(socket, "354 go on");
                    var message = new StringBuilder();
                    while (!(line = in.readLine()).equals(".")) message.append(line).append('\n');
                    messages.add(message.toString());
                    say(socket, "250 taken");
                }
                case "QUIT" -> {
                    say(socket, "221 bye");
                    return;
                }
                default -> say(socket, "250 fine");
            }
        }
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
