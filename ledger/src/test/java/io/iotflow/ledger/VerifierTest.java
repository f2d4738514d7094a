package io.iotflow.ledger;

import static io.iotflow.ledger.TestLog.file;
import static io.iotflow.ledger.TestLog.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.iotflow.ledger.Verdict.Broken;
import io.iotflow.ledger.Verdict.Intact;
import io.iotflow.ledger.Verdict.Undecided;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class VerifierTest {
    private final TestLog log = TestLog.of(600);

    /// The line of the file, from 0, in which an entry of a whole export stands: after the first line and one for each
    /// tile.
    private static int lineOf(int index) {
        return 2 + index / 256 + index;
    }

    private void broken(List<String> lines, long first) {
        broken(file(lines), first);
    }

    private void broken(byte[] export, long first) {
        assertThat(log.verify(export)).isInstanceOfSatisfying(Broken.class,
                broken -> assertThat(broken.firstIndex()).as(broken.reason()).isEqualTo(first));
    }

    private static Broken brokenAnyhow(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Broken.class);
        return (Broken) verdict;
    }

    @Test
    void everySpanOfAnIntactLogIsIntact() {
        var checkpoint = Checkpoint.open(log.checkpoint(600), log.key.verifier());
        for (var ends : new long[][] {{0, 600}, {0, 0}, {600, 600}, {0, 1}, {599, 600}, {255, 257}, {256, 512},
            {100, 200}, {300, 599}, {1, 600}}) {
            assertThat(log.verify(log.range(ends[0], ends[1]))).isEqualTo(new Intact(ends[1] - ends[0],
                    java.util.Optional.of(new Span(ends[0], ends[1])), checkpoint, log.key.verifier()));
        }
        for (int size : new int[] {0, 1, 255, 256, 257, 512}) {
            var small = TestLog.of(size);
            assertThat(small.verify(small.all())).isInstanceOf(Intact.class);
        }
    }

    @Test
    void everySelectionOfAnIntactLogIsIntact() {
        var random = new Random(5);
        for (int n = 0; n < 50; n++) {
            var some = LongStream.range(0, 600).filter(_ -> random.nextInt(20) < random.nextInt(20)).toArray();
            assertThat(log.verify(log.selection(some))).isInstanceOfSatisfying(Intact.class, intact -> {
                assertThat(intact.entries()).isEqualTo(some.length);
                assertThat(intact.span()).isEmpty();
            });
        }
        assertThat(log.verify(log.selection())).isInstanceOf(Intact.class);
        assertThat(log.verify(log.selection(0, 5, 6, 7, 300, 599))).isInstanceOf(Intact.class);
    }

    @Test
    void anExportIsTextThatAStrangerCanRead() {
        var lines = lines(log.range(254, 258));
        assertThat(lines).hasSize(8);
        assertThat(lines.get(0)).startsWith("{\"checkpoint\":\"iotflow.example/audit\\n600\\n")
                .contains("\"format\":\"iotflow-audit-export/1\",\"from\":254,\"key\":\"" + log.key.verifier() + "\"");
        assertThat(lines.get(1)).startsWith("{\"entries\":[[254,255]],\"hashes\":[\"").endsWith("],\"tile\":0}");
        assertThat(lines.get(2)).isEqualTo(new String(log.entries.get(254), StandardCharsets.UTF_8));
        assertThat(lines.get(7)).isEqualTo("{\"count\":4}");
    }

    @Test
    void aChangeOfAnyFieldNamesTheEntry() {
        var changes = List.<UnaryOperator<String>>of(line -> line.replace("device.registered", "device.revoked"),
                line -> line.replace("\"type\":\"user\"", "\"type\":\"device\""),
                line -> line.replace("Ay\u015fe", "Ay"),
                line -> line.replaceFirst("\"id\":\"\\d+\"", "\"id\":\"9\""), line -> line.replace("active", "revoked"),
                line -> line.replaceFirst("\"limit\":[0-9.]+", "\"limit\":0.125"),
                line -> line.replaceFirst("\"organization\":\\d", "\"organization\":9"),
                line -> line.replaceFirst("192.0.2.\\d+", "192.0.2.255"), line -> line.replace("http", "mqtt"),
                line -> line.replace("boiler", "cooler"), line -> line.replaceFirst("\"id\":\"\\d+\",\"name\":\"b",
                        "\"id\":\"999\",\"name\":\"b"), line -> line.replace("2026", "2025"),
                line -> line.replace("\"v\":1", "\"v\":2"), line -> line.replaceFirst("\"after\":\\{[^}]*},", ""),
                line -> line.replace("\"organization\"", "\"before\":{\"x\":1},\"organization\""), line -> line + " ",
                line -> line + "\r", line -> "", line -> "{}", line -> "x", line -> line.substring(1));
        for (int index : new int[] {0, 5, 255, 256, 511, 512, 599}) {
            for (var change : changes) {
                var lines = lines(log.all());
                assertThat(lines.set(lineOf(index), change.apply(lines.get(lineOf(index)))))
                        .isNotEqualTo(lines.get(lineOf(index)));
                broken(lines, index);
            }
        }
    }

    @Test
    void whatIsDroppedDoubledOrExchangedIsNamed() {
        for (int index : new int[] {0, 5, 255, 256, 511, 512, 598}) {
            var dropped = lines(log.all());
            dropped.remove(lineOf(index));
            broken(dropped, index);

            var doubled = lines(log.all());
            doubled.add(lineOf(index), doubled.get(lineOf(index)));
            broken(doubled, index + 1);

            var exchanged = lines(log.all());
            Collections.swap(exchanged, lineOf(index), lineOf(index + 1));
            broken(exchanged, index);
        }
        var lines = lines(log.all());
        Collections.swap(lines, lineOf(3), lineOf(9));
        assertThat(brokenAnyhow(log.verify(file(lines))).reason())
                .contains("line 6: is not entry 3 as it was logged").contains("(that of entry 9)");
    }

    @Test
    void wholeTilesCannotBeDroppedOrExchanged() {
        var lines = lines(log.all());
        var second = lines.subList(lineOf(256) - 1, lineOf(511) + 1);
        var rest = lines(log.all());
        rest.removeAll(second);
        broken(rest, 256);

        var headless = lines(log.all());
        headless.remove(1);
        broken(headless, 0);

        var exchanged = lines(log.all());
        Collections.swap(exchanged, 1, lineOf(256) - 1);
        broken(exchanged, 0);
    }

    @Test
    void anExportThatEndsEarlyIsBroken() {
        var export = log.all();
        var lines = lines(export);
        for (int count = 0; count < lines.size(); count++) {
            var tiles = count > 515 ? 3 : count > 258 ? 2 : 1;
            if (count == 0) broken(new byte[0], Broken.NOTHING);
            else broken(file(lines.subList(0, count)), Math.max(0, count - 1 - tiles));
        }
        var random = new Random(2);
        for (int n = 0; n < 200; n++) brokenAnyhow(log.verify(Arrays.copyOf(export, random.nextInt(export.length))));
        broken(Arrays.copyOf(export, export.length - 1), 600);
    }

    @Test
    void whatStandsAfterTheEndIsRefused() {
        var entry = new String(log.entries.get(599), StandardCharsets.UTF_8);
        for (var more : List.of("", "{}", "{\"count\":600}", entry)) {
            var lines = lines(log.all());
            lines.add(more);
            broken(lines, 600);
        }
    }

    @Test
    void noChangedByteGoesUnnoticed() {
        var small = TestLog.of(268); // the second tile has few hashes, so that its exports are short
        for (var export : List.of(small.range(256, 262), small.selection(3, 256, 258, 260, 261, 262, 263, 264, 265),
                small.range(small.export().since(100), 267, 268))) {
            assertThat(small.verify(export)).isInstanceOf(Intact.class);
            for (int at = 0; at < export.length; at++) {
                var changed = export.clone();
                changed[at] ^= (byte) (1 << at % 7);
                brokenAnyhow(small.verify(changed));
                // The export's own key must not save it either.
                if (at % 5 == 0) brokenAnyhow(TestLog.verify(new Verifier(), changed));
            }
        }
    }

    @Test
    void aChangeNeverBreaksWhatStandsBeforeIt() {
        var lines = lines(log.all());
        var random = new Random(4);
        for (int n = 0; n < 300; n++) {
            var index = random.nextInt(600);
            var changed = new java.util.ArrayList<>(lines);
            var line = changed.get(lineOf(index)).toCharArray();
            line[random.nextInt(line.length)] ^= 1;
            changed.set(lineOf(index), new String(line));
            broken(changed, index);
        }
    }

    @Test
    void aChangedHashIsNotMistakenForAChangedEntry() {
        var lines = lines(log.all());
        var changed = new String(TestLog.entry(5, "another"), StandardCharsets.UTF_8);
        lines.set(1, lines.get(1).replace(Hash.leaf(log.entries.get(5)).toString(),
                Hash.leaf(changed.getBytes(StandardCharsets.UTF_8)).toString()));
        lines.set(lineOf(5), changed);
        broken(lines, 0);
        assertThat(brokenAnyhow(log.verify(file(lines))).reason())
                .isEqualTo("line 2: the hashes of tile 0 are not those of the log");
    }

    @Test
    void aTileHasAsManyHashesAsInTheLog() {
        for (int line : new int[] {1, lineOf(512) - 1}) {
            for (var change : List.<UnaryOperator<String>>of(
                    text -> text.replace("\"hashes\":[", "\"hashes\":[\"" + Hash.EMPTY + "\","),
                    text -> text.replaceFirst("\"hashes\":\\[\"[0-9a-f]+\",", "\"hashes\":["),
                    text -> text.replaceFirst("\"hashes\":\\[[^]]*]", "\"hashes\":[]"))) {
                var lines = lines(log.all());
                lines.set(line, change.apply(lines.get(line)));
                broken(lines, line == 1 ? 0 : 512);
            }
        }
    }

    @Test
    void aSelectionHasEachEntryOnceAndInOrder() {
        for (var some : List.of(new long[] {5, 300}, LongStream.range(250, 270).toArray())) {
            var lines = lines(log.selection(some));
            var second = lines.size() == 6 ? 3 : 13; // six of the first tile, with a proof each
            var doubled = new java.util.ArrayList<>(lines.subList(0, second));
            doubled.addAll(lines.subList(1, lines.size()));
            brokenAnyhow(log.verify(file(doubled)));
            var exchanged = new java.util.ArrayList<>(lines.subList(0, 1));
            exchanged.addAll(lines.subList(second, lines.size() - 1));
            exchanged.addAll(lines.subList(1, second));
            exchanged.add(lines.getLast()); // the number of entries is right
            assertThat(brokenAnyhow(log.verify(file(exchanged))).reason()).endsWith("is not in order");
        }
    }

    @Test
    void aForkOfTheSameSizeIsSeenAgainstAnOlderCheckpoint() {
        var fork = new TestLog(log.key, 300);
        fork.append(300, "forged");
        assertThat(fork.verify(fork.all())).isInstanceOf(Intact.class); // nothing in itself is wrong
        for (long kept : new long[] {600, 599, 400, 301}) {
            var verifier = new Verifier().since(log.checkpoint(kept));
            assertThat(brokenAnyhow(TestLog.verify(verifier, fork.all())).reason()).contains("the log was rewritten");
            brokenAnyhow(TestLog.verify(verifier, fork.range(fork.export().since(kept), 500, 510)));
        }
        // Entries of the one with the checkpoint of the other.
        var mixed = lines(fork.all());
        mixed.set(0, lines(log.all()).getFirst());
        broken(mixed, 0);
    }

    @Test
    void anHonestLogContinuesEveryOlderCheckpoint() {
        for (long kept : new long[] {0, 1, 255, 256, 300, 599, 600}) {
            var verifier = new Verifier().expecting(log.key.verifier()).since(log.checkpoint(kept));
            assertThat(TestLog.verify(verifier, log.all())).isInstanceOf(Intact.class);
            assertThat(TestLog.verify(verifier, log.range(log.export().since(kept), 500, 510)))
                    .isInstanceOf(Intact.class);
            assertThat(TestLog.verify(verifier, log.range(500, 510)))
                    .isInstanceOf(kept == 0 || kept == 600 ? Intact.class : Undecided.class);
        }
        var cut = new Export(log.tree, log.checkpoint(500), log.key.verifier());
        assertThat(brokenAnyhow(TestLog.verify(new Verifier().since(log.checkpoint(501)), log.range(cut, 0, 500)))
                .reason()).contains("had 501 entries at the older checkpoint, now it shows 500");
    }

    @Test
    void aKeyThatIsNotExpectedIsRefused() {
        var forged = new TestLog(SigningKey.generate(TestLog.ORIGIN), 600);
        assertThat(TestLog.verify(new Verifier(), forged.all())).isInstanceOf(Intact.class);
        broken(forged.all(), Broken.NOTHING);
        brokenAnyhow(TestLog.verify(new Verifier().since(log.checkpoint(10)), forged.all()));
        // Our name and key on their checkpoint, and the reverse.
        var theirs = lines(forged.all());
        theirs.set(0, theirs.getFirst().replace(forged.key.verifier().toString(), log.key.verifier().toString()));
        broken(theirs, Broken.NOTHING);
        brokenAnyhow(TestLog.verify(new Verifier(), file(theirs)));
    }

    @Test
    void anExportOfATamperedDatabaseShowsWhere() throws Exception {
        var out = new ByteArrayOutputStream();
        var rows = LongStream.range(0, 600).filter(index -> index != 300)
                .mapToObj(index -> new LoggedEntry(index, log.entries.get((int) index))).iterator();
        log.export().all(new Span(0, 600), rows, out);
        broken(out.toByteArray(), 300);

        log.entries.set(7, "two\nlines".getBytes(StandardCharsets.UTF_8));
        broken(log.all(), 7);
    }

    @Test
    void anEntryThatIsNotCanonicalIsNotTakenEvenIfItWasLogged() {
        log.append(List.of("{\"a\":1,\"a\":2}".getBytes(StandardCharsets.UTF_8)));
        broken(log.all(), 600);
    }

    @Test
    void exportsOfWhatIsNotThereAreRefused() throws Exception {
        var out = OutputStream.nullOutputStream();
        var entry = List.of(new LoggedEntry(3, log.entries.get(3)));
        var twice = List.of(entry.getFirst(), entry.getFirst());
        var export = log.export();
        assertThatIllegalArgumentException().isThrownBy(() -> export.all(new Span(0, 601), entry.iterator(), out));
        assertThatIllegalArgumentException().isThrownBy(() -> export.all(new Span(0, 3), entry.iterator(), out));
        assertThatIllegalArgumentException().isThrownBy(() -> export.selection(twice.iterator(), out));
        assertThatIllegalArgumentException().isThrownBy(() -> export.since(601));
        assertThatIllegalArgumentException().isThrownBy(() -> new Span(3, 2));
        var stranger = SigningKey.generate(TestLog.ORIGIN).verifier();
        assertThatIllegalArgumentException().isThrownBy(() -> new Export(log.tree, log.checkpoint(1), stranger));
    }

    @Test
    void whatIsNotAnExportIsBrokenAndNeverFailsOtherwise() {
        var long1 = "x".repeat(LedgerLimits.EXPORT_LINE_BYTES + 1);
        for (var text : List.of("", "\n", "x", "{}\n", "[]\n", "null\n", "{\"count\":0}\n", long1, long1 + "\n",
                new String(log.entries.getFirst(), StandardCharsets.UTF_8) + "\n", "\0\0\0", "PK\u0003\u0004")) {
            broken(text.getBytes(StandardCharsets.UTF_8), Broken.NOTHING);
        }
        var lines = lines(log.all());
        var random = new Random(11);
        for (int n = 0; n < 300; n++) {
            var shuffled = new java.util.ArrayList<>(lines.subList(0, 3 + random.nextInt(300)));
            Collections.shuffle(shuffled.subList(random.nextInt(2), shuffled.size()), random);
            brokenAnyhow(log.verify(file(shuffled)));
        }
        var numbers = IntStream.of(-1, 0, 1, 2, 255, 256, 601).mapToObj(Integer::toString).toList();
        for (var number : numbers) {
            for (var field : List.of("from", "to", "tile", "count")) {
                var text = new String(log.all(), StandardCharsets.UTF_8);
                var changed = text.replaceFirst("\"" + field + "\":\\d+", "\"" + field + "\":" + number);
                if (!changed.equals(text)) brokenAnyhow(log.verify(changed.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    @Test
    void linesComeWholeHoweverTheyAreRead() throws Exception {
        var export = log.all();
        var trickle = new InputStream() {
            private int at;

            @Override
            public int read() {
                return at < export.length ? export[at++] & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                if (at == export.length) return -1;
                var count = Math.min(Math.min(length, 1 + at % 7), export.length - at);
                System.arraycopy(export, at, into, offset, count);
                at += count;
                return count;
            }
        };
        assertThat(new Verifier().verify(trickle)).isInstanceOf(Intact.class);
    }
}
