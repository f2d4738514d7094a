package io.iotflow.bench.platform;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Eclipse Mosquitto, for comparison: it routes and keeps nothing. Started with a configuration of its own.
public final class Mosquitto implements AutoCloseable {
    private final Child process;
    private final Path folder;
    private final InetSocketAddress address;

    private Mosquitto(Child process, Path folder, InetSocketAddress address) {
        this.process = process;
        this.folder = folder;
        this.address = address;
    }

    /// Where its program is, if it is installed.
    public static Optional<Path> find() {
        var folders = Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)),
                Stream.of("/usr/sbin", "/usr/local/sbin"));
        return folders.map(folder -> Path.of(folder, "mosquitto")).filter(Files::isExecutable).findFirst();
    }

    /// Starts it on a free loopback port and returns when it listens.
    public static Mosquitto start(Path program) throws IOException {
        var folder = Files.createTempDirectory("iotflow-bench-mosquitto-");
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var configuration = Files.write(folder.resolve("mosquitto.conf"), List.of(
                "listener " + port + " 127.0.0.1", "allow_anonymous true", "persistence false",
                "set_tcp_nodelay true", "max_queued_messages 0", "log_type error",
                "user " + System.getProperty("user.name")));
        var process = Child.start(new ProcessBuilder(program.toString(), "-c", configuration.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()));
        var broker = new Mosquitto(process, folder,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try {
            broker.awaitListening();
            return broker;
        } catch (IOException e) {
            broker.close();
            throw e;
        }
    }

    private void awaitListening() throws IOException {
        for (int attempt = 0; attempt < 200; attempt++) {
            try (var socket = new Socket()) {
                socket.connect(address, 1_000);
                return;
            } catch (IOException e) {
                if (!process.isAlive()) throw new IOException(Files.readString(folder.resolve("log")), e);
                LockSupport.parkNanos(25_000_000);
            }
        }
        throw new IOException("Mosquitto does not listen");
    }

    public InetSocketAddress address() {
        return address;
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() throws IOException {
        process.close();
        Launch.delete(folder);
    }
}
