package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `./iotflow` says on machines that lack something. Each machine is a folder: its own PATH, its own
/// `/usr/lib/jvm`, no home. Needs nothing that is built.
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "iotflow");
    private static final List<String> EVERYWHERE = List.of("sh", "cat", "dirname", "find", "grep", "head", "readlink",
            "rm", "sed", "sort", "tr");

    @TempDir
    Path machine;

    private record Said(int code, String text) {}

    /// A folder with the launcher, its standard tools, a JDK 25, Maven, Node and npm; a test takes away or replaces.
    @BeforeEach
    void makeWhole() throws IOException {
        var tools = Files.createDirectories(machine.resolve("bin"));
        for (var tool : EVERYWHERE) Files.createSymbolicLink(tools.resolve(tool), find(tool));
        // The launcher also looks where packages put Java, which on this machine has one.
        var launcher = Files.readString(LAUNCHER).replaceAll("(?<= )/(?=usr/lib/jvm/|opt/|Library/)", machine + "/");
        write(machine.resolve("iotflow"), launcher);
        java("25.0.1");
        prints("mvn", "Apache Maven 3.9.9 (hash)");
        prints("node", "v22.1.0");
        prints("npm", "10.9.0");
    }

    private static Path find(String tool) {
        return Arrays.stream(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable).findFirst().orElseThrow();
    }

    private static void write(Path file, String script) throws IOException {
        Files.writeString(Files.createDirectories(file.getParent()).resolve(file.getFileName()), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void prints(String program, String words) throws IOException {
        write(machine.resolve("bin").resolve(program), "#!/bin/sh\necho '" + words + "'\n");
    }

    private void lacks(String program) throws IOException {
        Files.delete(machine.resolve("bin").resolve(program));
    }

    private void java(String version) throws IOException {
        var home = machine.resolve("usr/lib/jvm/jdk");
        write(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    private void noJava() throws IOException {
        Files.delete(machine.resolve("usr/lib/jvm/jdk/release"));
        Files.delete(machine.resolve("usr/lib/jvm/jdk/bin/javac"));
    }

    private Said iotflow(String command, Map<String, String> environment) throws Exception {
        return iotflow(machine, environment, command);
    }

    private Said iotflow(Path folder, Map<String, String> environment, String... arguments) throws Exception {
        var words = new ArrayList<>(List.of(machine.resolve("iotflow").toString()));
        words.addAll(Arrays.asList(arguments));
        var builder = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", machine.resolve("bin").toString());
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(text).isTrue();
        return new Said(process.exitValue(), text);
    }

    /// Asserts that exactly these are named, each in a line that says how to get it.
    private void misses(String... named) throws Exception {
        var said = iotflow("demo", Map.of());
        assertThat(said.code()).as(said.text()).isEqualTo(2);
        assertThat(said.text().lines().filter(line -> line.startsWith("  ") && !line.startsWith("    ")))
                .zipSatisfy(List.of(named), (line, words) -> assertThat(line).contains(words)
                        .contains("your package manager"));
    }

    @Test
    void namesAJdkThatIsMissing() throws Exception {
        noJava();
        misses("JDK 25 or newer:");
    }

    @Test
    void blamesOnlyJavaWhereMavenCannotRunWithoutIt() throws Exception {
        noJava();
        write(machine.resolve("bin/mvn"), "#!/bin/sh\necho 'JAVA_HOME is not defined correctly' >&2\nexit 1\n");
        misses("JDK 25 or newer:");
    }

    @Test
    void namesAJdkThatIsTooOld() throws Exception {
        java("17.0.15");
        misses("JDK 25 or newer:");
    }

    @Test
    void namesMavenThatIsMissing() throws Exception {
        lacks("mvn");
        misses("Maven 3.8 or newer:");
    }

    @Test
    void namesMavenThatIsTooOld() throws Exception {
        prints("mvn", "Apache Maven 3.6.3 (hash)");
        misses("Maven 3.8 or newer (this is 3.6.3):");
    }

    @Test
    void namesNodeThatIsMissing() throws Exception {
        lacks("node");
        misses("Node 20.19 or newer:");
    }

    @Test
    void namesNodeThatIsTooOld() throws Exception {
        prints("node", "v18.19.0");
        misses("Node 20.19 or newer (this is 18.19.0):");
    }

    @Test
    void namesNpmWhichDebianPackagesApart() throws Exception {
        lacks("npm");
        misses("npm:");
    }

    @Test
    void namesAllThatIsMissingAtOnce() throws Exception {
        noJava();
        for (var program : List.of("mvn", "node", "npm")) lacks(program);
        misses("JDK 25", "Maven 3.8", "Node 20.19", "npm");
    }

    @Test
    void findsItsJavaWhateverJavaHomeSays() throws Exception {
        write(machine.resolve("bin/mvn"), """
                #!/bin/sh
                [ -x "$JAVA_HOME/bin/javac" ] || { echo "JAVA_HOME is not defined correctly" >&2; exit 1; }
                [ "$1" = -v ] && echo "Apache Maven 3.9.9 (hash)" || echo "Maven would build"
                """);
        var said = iotflow("test", Map.of("JAVA_HOME", "/nowhere"));
        assertThat(said.text()).contains("Maven would build");
        assertThat(said.code()).isZero();
    }

    @Test
    void runsWhereItWasCalledSoThatPathsMeanWhatTheySay() throws Exception {
        write(machine.resolve("server/target/iotflow/bin/iotflow"), "#!/bin/sh\npwd -P; echo \"$@\"\n");
        Files.createFile(machine.resolve("server/target/built"));
        var elsewhere = Files.createDirectory(machine.resolve("else where"));
        var said = iotflow(elsewhere, Map.of(), "run", "--data", "a b");
        assertThat(said.text().lines()).containsExactly(elsewhere.toRealPath().toString(), "run --data a b");
    }

    @Test
    void helpsWhereNothingIsInstalled() throws Exception {
        noJava();
        for (var program : List.of("mvn", "node", "npm")) lacks(program);
        var said = iotflow("help", Map.of());
        assertThat(said.code()).as(said.text()).isZero();
        assertThat(said.text()).contains("./iotflow demo").contains("./iotflow test");
    }
}
