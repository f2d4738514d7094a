package io.iotflow.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the figures were measured on.
public record Machine(String processor, int processors, long memoryMb, String system, String java) {

    public static Machine here() {
        return new Machine(line("/proc/cpuinfo", "model name"), Runtime.getRuntime().availableProcessors(),
                digits(line("/proc/meminfo", "MemTotal")) / 1024,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.vendor") + " " + Runtime.version());
    }

    /// The source's revision, with `+` when something is changed since; `unknown` outside a checkout.
    public static String revision() {
        var revision = git("rev-parse", "--short=12", "HEAD");
        if (revision.isEmpty()) return "unknown";
        return git("status", "--porcelain", "--untracked-files=no").isEmpty() ? revision : revision + "+";
    }

    private static String git(String... arguments) {
        try {
            var command = new ArrayList<>(List.of(arguments));
            command.addFirst("git");
            var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            var answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? answer : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static String line(String file, String name) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name)).map(line -> line.replaceFirst("^[^:]*:\\s*", ""))
                    .findFirst().orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static long digits(String text) {
        var digits = text.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }
}
