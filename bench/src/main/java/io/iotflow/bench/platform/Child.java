package io.iotflow.bench.platform;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process started here, with all that it starts. It ends when it is closed, and also when this process is told to
/// end before that.
final class Child implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(60);

    private final Process process;
    private final Thread hook = new Thread(this::stop, "stop-child");

    private Child(Process process) {
        this.process = process;
    }

    static Child start(ProcessBuilder builder) throws IOException {
        var child = new Child(builder.start());
        Runtime.getRuntime().addShutdownHook(child.hook);
        return child;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int status() {
        return process.exitValue();
    }

    /// Asks it to stop and makes sure that nothing it started is left.
    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This process is ending already: the hook has done, or is doing, the same.
            return;
        }
    }

    private void stop() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        // A script that waits for its program does not pass the signal on.
        children.stream().filter(Child::isJava).forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isJava(ProcessHandle child) {
        return child.info().command().filter(command -> command.endsWith("/java")).isPresent();
    }
}
