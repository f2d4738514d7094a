package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// The house rules. Each check is short and its message names the fix.
class TidyTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BANNED_NAME =
            Pattern.compile("(Default|Abstract|Base).*|.*(Impl|Manager|Helper|Utils?|Info|Dto|Processor)");

    private static final int LONGEST_FILE = 450;
    private static final Set<String> NOT_OURS = Set.of("node_modules", "target", "dist", "data", "src");

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
    void logLinesBeginWithTheirEvent() {
        var pattern = Pattern.compile("\\bLOG" + "\\.(error|warn|info|debug|trace)\\((?!\"event=[a-z0-9_]+[ \"])");
        assertThat(linesMatching(pattern))
                .as("constant text, then values: (\"event=tank_empty litres={}\", litres)").isEmpty();
    }

    @Test
    void nothingIsLeftUndone() {
        var pattern = Pattern.compile("TO" + "DO|FIX" + "ME|Unsupported" + "OperationException\\(\\)");
        assertThat(linesMatching(pattern)).as("do it, or say in the issue that it is not done").isEmpty();
    }

    @Test
    void linesFitAScreen() {
        var scripts = Stream.of("iotflow", ".ci/run", "server/src/main/dist/bin/iotflow").map(ROOT::resolve);
        var files = Stream.of(javaFiles(), scripts, pages()).flatMap(all -> all);
        var tooLong = linesMatching(Pattern.compile("^(?!\\|).{121,}$"), files); // tables cannot be broken
        assertThat(tooLong).as("break these lines at 120 columns").isEmpty();
    }

    @Test
    void filesFitASitting() {
        var tooLong = javaFiles().filter(file -> file.toString().contains("/src/main/"))
                .filter(file -> read(file).lines().count() > LONGEST_FILE).toList();
        assertThat(tooLong).as("part these files: %s lines are a sitting", LONGEST_FILE).isEmpty();
    }

    @Test
    void theMapNamesClassesThatExist() {
        var classes = javaFiles().map(file -> file.getFileName().toString().replace(".java", "")).toList();
        var map = read(ROOT.resolve("ARCHITECTURE.md"));
        var gone = matches(map, "`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:[.#][^`]*)?`")
                .filter(name -> !classes.contains(name)).toList();
        assertThat(gone).as("ARCHITECTURE.md names classes that are not there").isEmpty();
    }

    @Test
    void linksBetweenPagesResolve() {
        var broken = new ArrayList<String>();
        pages().forEach(page -> matches(read(page), "\\]\\(([^)#\\s]+)[^)]*\\)")
                .filter(link -> !link.contains("://") && !link.startsWith("mailto:"))
                .filter(link -> !Files.exists(page.resolveSibling(link)))
                .forEach(link -> broken.add(ROOT.relativize(page) + " -> " + link)));
        assertThat(broken).as("these links lead nowhere").isEmpty();
    }

    @Test
    void pagesNameCommandsThatExist() {
        var known = new ArrayList<>(new CommandLine(new Main()).getSubcommands().keySet());
        matches(read(ROOT.resolve("iotflow")), "(?m)^ {4}([a-z|-]+)\\)").forEach(words ->
                known.addAll(List.of(words.split("\\|"))));
        var unknown = new ArrayList<String>();
        pages().forEach(page -> matches(read(page), "\\./iotflow ([a-z]+)").filter(word -> !known.contains(word))
                .forEach(word -> unknown.add(ROOT.relativize(page) + ": ./iotflow " + word)));
        assertThat(unknown).as("`iotflow` knows no such command").isEmpty();
    }

    private static Stream<String> matches(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
    }

    /// Every Markdown page of the repository, what is built or installed left out.
    private static Stream<Path> pages() {
        try (var top = Files.list(ROOT)) {
            return top.filter(file -> !file.getFileName().toString().startsWith(".")).toList().stream()
                    .flatMap(file -> Files.isDirectory(file) ? pagesBelow(file) : Stream.of(file))
                    .filter(file -> file.toString().endsWith(".md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Does not go into `node_modules`, which is large.
    private static Stream<Path> pagesBelow(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(file -> !NOT_OURS.contains(file.getFileName().toString())).toList().stream()
                    .flatMap(file -> Files.isDirectory(file) ? pagesBelow(file) : Stream.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> linesMatching(Pattern pattern) {
        return linesMatching(pattern, javaFiles());
    }

    private static List<String> linesMatching(Pattern pattern, Stream<Path> files) {
        var found = new ArrayList<String>();
        files.forEach(file -> {
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
