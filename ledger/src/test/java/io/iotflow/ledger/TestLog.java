package io.iotflow.ledger;

import io.iotflow.ledger.Entry.Actor;
import io.iotflow.ledger.Entry.ActorType;
import io.iotflow.ledger.Entry.Source;
import io.iotflow.ledger.Entry.Target;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// A log of made-up entries, and the exports of it.
final class TestLog {
    static final String ORIGIN = "iotflow.example/audit";

    final SigningKey key;
    final MerkleTree tree = new MerkleTree(new MemoryTileStore());
    final List<byte[]> entries = new ArrayList<>();

    TestLog(SigningKey key, int size) {
        this.key = key;
        append(size, "boiler");
    }

    static TestLog of(int size) {
        return new TestLog(SigningKey.generate(ORIGIN), size);
    }

    void append(int count, String name) {
        var more = new ArrayList<byte[]>();
        for (int i = entries.size(); i < entries.size() + count; i++) more.add(entry(i, name + "-" + i));
        append(more);
    }

    void append(List<byte[]> more) {
        tree.append(entries.size(), more.stream().map(Hash::leaf).toList());
        entries.addAll(more);
    }

    static byte[] entry(long index, String name) {
        return new Entry(Instant.parse("2026-03-01T12:00:00Z").plusMillis(index), 1 + index % 3,
                new Actor(ActorType.USER, Long.toString(index % 7), "Ay\u015fe"), "device.registered",
                new Target("device", Long.toString(index), name), new Source("192.0.2." + index % 250, "http"),
                Json.Fields.NONE, new Json.Fields(Map.of("status", new Json.Text("active"),
                        "limit", new Json.Numeral(index / 4.0)))).toCanonicalJson();
    }

    SignedNote checkpoint(long size) {
        return new Checkpoint(ORIGIN, size, tree.root(size)).sign(key);
    }

    Export export() {
        return new Export(tree, checkpoint(entries.size()), key.verifier());
    }

    byte[] all() {
        return range(0, entries.size());
    }

    byte[] range(long from, long to) {
        return range(export(), from, to);
    }

    byte[] range(Export export, long from, long to) {
        var out = new ByteArrayOutputStream();
        try {
            export.all(new Span(from, to), LongStream.range(from, to).mapToObj(this::logged).iterator(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    byte[] selection(long... indexes) {
        var out = new ByteArrayOutputStream();
        try {
            export().selection(LongStream.of(indexes).mapToObj(this::logged).iterator(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private LoggedEntry logged(long index) {
        return new LoggedEntry(index, entries.get((int) index));
    }

    Verdict verify(byte[] export) {
        return verify(new Verifier().expecting(key.verifier()), export);
    }

    static Verdict verify(Verifier verifier, byte[] export) {
        try {
            return verifier.verify(new ByteArrayInputStream(export));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> lines(byte[] export) {
        return new ArrayList<>(List.of(new String(export, StandardCharsets.UTF_8).split("\n")));
    }

    static byte[] file(List<String> lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
