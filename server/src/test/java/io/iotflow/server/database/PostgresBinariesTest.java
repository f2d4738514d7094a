package io.iotflow.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBinariesTest {
    @TempDir
    Path folder;

    @Test
    void twoAtTheSameTimeUnpackOneWholeSetOfPrograms() throws Exception {
        Callable<Path> unpacking = () -> PostgresBinaries.unpacked(List.of(folder));
        try (var both = Executors.newFixedThreadPool(2)) {
            var bins = both.invokeAll(List.of(unpacking, unpacking)).stream().map(done -> done.resultNow()).distinct();
            assertThat(bins).singleElement().satisfies(bin -> assertThat(bin.resolve("postgres")).isExecutable());
        }
        try (var left = Files.list(folder)) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void usesTheNextFolderWhenTheFirstCannotBeWritten() throws Exception {
        var file = Files.writeString(folder.resolve("file"), "not a folder");
        assertThat(PostgresBinaries.unpacked(List.of(file, folder.resolve("second")))).startsWith(
                folder.resolve("second"));
    }

    @Test
    void tarEntriesStayInsideTheirFolder() {
        assertRefused(entry("../outside", '0', "", "x"), "outside its folder");
        assertRefused(entry("/absolute", '0', "", "x"), "outside its folder");
        assertRefused(entry("link", '2', "../../etc/passwd", ""), "outside its folder");
        assertRefused(entry("device", '3', "", ""), "unknown kind");
    }

    @Test
    void brokenArchivesAreRefused() {
        assertRefused(new byte[100], "ends too early");
        assertRefused(java.util.Arrays.copyOf(entry("file", '0', "", "content"), 514), "ends inside file");
    }

    private void assertRefused(byte[] archive, String reason) {
        assertThatThrownBy(() -> TarReader.unpack(new ByteArrayInputStream(archive), folder.resolve("target")))
                .isInstanceOf(IOException.class).hasMessageContaining(reason);
    }

    private static byte[] entry(String name, char kind, String link, String content) {
        var header = new byte[512];
        put(header, 0, name);
        put(header, 100, "0000644");
        put(header, 124, Integer.toOctalString(content.length()));
        header[156] = (byte) kind;
        put(header, 157, link);
        var out = new ByteArrayOutputStream();
        out.writeBytes(header);
        out.writeBytes(java.util.Arrays.copyOf(content.getBytes(StandardCharsets.US_ASCII), 512));
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    private static void put(byte[] header, int offset, String text) {
        var octets = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(octets, 0, header, offset, octets.length);
    }
}
