package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The house rules. Each check is short and its message names the fix.
class TidyTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BANNED_NAME =
            Pattern.compile("(Default|Abstract|Base).*|.*(Impl|Manager|Helper|Utils?|Info|Dto|Processor)");

    @Test
    void everyPackageSaysWhatItIsFor() {
        var bare = javaFiles().filter(file -> file.toString().contains("/src/main/"))
                .map(Path::getParent).distinct()
                .filter(folder -> !Files.exists(folder.resolve("package-info.java"))).toList();
        assertThat(bare).as("add a package-info.java: what it is for, where to start, whom it may use").isEmpty();
    }

    @Test
    void namesSayWhatAThingIs() {
        var banned = javaFiles().map(file -> file.getFileName().toString().replace(".java", ""))
                .filter(name -> BANNED_NAME.matcher(name).matches()).toList();
        assertThat(banned).as("rename: these words say nothing (CONTRIBUTING.md, words)").isEmpty();
    }

    @Test
    void testsNeitherSleepNorMock() {
        var pattern = Pattern.compile("Thread\\." + "sleep|org\\." + "mockito");
        assertThat(linesMatching(pattern)).as("wait for a condition instead; use the real part").isEmpty();
    }

    @Test
    void nothingIsLeftUndone() {
        var pattern = Pattern.compile("TO" + "DO|FIX" + "ME|Unsupported" + "OperationException\\(\\)");
        assertThat(linesMatching(pattern)).as("do it, or say in the issue that it is not done").isEmpty();
    }

    @Test
    void linesFitAScreen() {
        assertThat(linesMatching(Pattern.compile("^.{121,}$"))).as("break these lines at 120 columns").isEmpty();
    }

    private static List<String> linesMatching(Pattern pattern) {
        var found = new ArrayList<String>();
        javaFiles().forEach(file -> {
            var number = 0;
            for (var line : read(file).split("\n", -1)) {
                number++;
                if (pattern.matcher(line).find()) found.add(ROOT.relativize(file) + ":" + number + " " + line.strip());
            }
        });
        return found;
    }

    private static Stream<Path> javaFiles() {
        try (var modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve("src")).filter(Files::isDirectory).toList().stream()
                    .flatMap(TidyTest::walk).filter(file -> file.toString().endsWith(".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> walk(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
