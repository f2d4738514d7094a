package io.iotflow.bench.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/// A process and all it has started, as `/proc` shows them.
public final class ProcessTree {
    /// What `getconf CLK_TCK` answers on every Linux that Java 25 runs on.
    private static final double TICKS_PER_SECOND = 100;
    private static final Path PROC = Path.of("/proc");

    private final ProcessHandle root;

    public ProcessTree(long pid) {
        root = ProcessHandle.of(pid).orElseThrow(() -> new IllegalArgumentException("no process has the id " + pid));
    }

    public long pid() {
        return root.pid();
    }

    /// The first process of the tree whose command is `java`: the platform itself when a script started it.
    public long javaPid() {
        return pids().filter(pid -> read(pid, "comm").strip().equals("java")).findFirst().orElse(root.pid());
    }

    /// Memory in bytes, shared pages counted once (PSS); the resident size where PSS is not shown.
    public long residentBytes() {
        return pids().map(ProcessTree::residentBytes).sum();
    }

    /// Processor time so far, in seconds, of the processes alive now.
    public double cpuSeconds() {
        return pids().mapToObj(ProcessTree::cpuTicks).mapToLong(Long::longValue).sum() / TICKS_PER_SECOND;
    }

    public int size() {
        return (int) pids().count();
    }

    private LongStream pids() {
        return LongStream.concat(LongStream.of(root.pid()), root.descendants().mapToLong(ProcessHandle::pid));
    }

    private static long residentBytes(long pid) {
        long proportional = kibibytes(read(pid, "smaps_rollup"), "Pss:");
        return 1024 * (proportional > 0 ? proportional : kibibytes(read(pid, "status"), "VmRSS:"));
    }

    private static long kibibytes(String text, String name) {
        return text.lines().filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
    }

    private static long cpuTicks(long pid) {
        var stat = read(pid, "stat");
        int afterName = stat.lastIndexOf(')');
        if (afterName < 0) return 0;
        var fields = stat.substring(afterName + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /// Empty when the process has ended or may not be read.
    private static String read(long pid, String file) {
        try {
            return Files.readString(PROC.resolve(Long.toString(pid)).resolve(file));
        } catch (IOException e) {
            return "";
        }
    }
}
