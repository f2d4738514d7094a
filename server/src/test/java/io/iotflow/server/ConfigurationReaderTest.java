package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.iotflow.server.core.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
    enum Colour { RED, INDIGO }

    record Paint(
            @Setting(value = "red", doc = "") Colour colour,
            @Setting(value = "5", doc = "") int layerCount,
            @Setting(value = "9000000000", doc = "") long grains,
            @Setting(value = "false", doc = "") boolean isGlossy,
            @Setting(value = "30s", doc = "") Duration drying,
            @Setting(value = "tin", doc = "") Path folder,
            @Setting(value = "", doc = "") List<String> names,
            @Setting(value = "", doc = "") Optional<String> label,
            @Setting(value = "", doc = "") Optional<Path> picture,
            @Setting(value = "", doc = "", secret = true) Optional<String> password) {
        Paint {
            if (layerCount > 100) throw new IllegalArgumentException("paint.layer_count is at most 100");
        }
    }

    record Shop(@Setting(value = "Main Street", doc = "") String street,
            @Setting(value = "12", doc = "", secret = true) int safe) {}

    record Config(Paint paint, Shop shop) {}

    @TempDir
    Path folder;

    private Config read(String yaml, Map<String, String> environment, Map<String, String> overrides) {
        try {
            var file = folder.resolve("iotflow.yaml");
            if (yaml != null) Files.writeString(file, yaml);
            return new ConfigurationReader(file, environment, overrides).read(Config.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Config read(String yaml) {
        return read(yaml, Map.of(), Map.of());
    }

    private List<String> mistakes(String yaml, Map<String, String> environment, Map<String, String> overrides) {
        var thrown = catchThrowableOfType(ConfigurationReader.Mistakes.class, () -> read(yaml, environment, overrides));
        assertThat(thrown).as("mistakes in %s", yaml).isNotNull();
        return thrown.getMessage().lines().toList();
    }

    private List<String> mistakes(String yaml) {
        return mistakes(yaml, Map.of(), Map.of());
    }

    @Test
    void everySettingHasItsDefault() {
        var paint = new Paint(Colour.RED, 5, 9_000_000_000L, false, Duration.ofSeconds(30), Path.of("tin"), List.of(),
                Optional.empty(), Optional.empty(), Optional.empty());
        var usual = new Config(paint, new Shop("Main Street", 12));
        assertThat(read(null)).isEqualTo(usual);
        assertThat(read("")).isEqualTo(usual);
        assertThat(read("# nothing\npaint:\nshop:\n  street:\n")).isEqualTo(usual);
    }

    @Test
    void theEnvironmentGoesBeforeTheFileAndTheCommandLineBeforeBoth() {
        var yaml = "paint:\n  layer_count: 1\n  grains: 1\n  label: file\n";
        var environment = Map.of("IOTFLOW_PAINT_LAYER_COUNT", "2", "IOTFLOW_PAINT_GRAINS", "2", "HOME", "x",
                "IOTFLOW_ADMIN_TOKEN", "t", "IOTFLOW_HOME", "h", "IOTFLOW_JAVA_OPTS", "o");
        var paint = read(yaml, environment, Map.of("paint.layer_count", "3")).paint();
        assertThat(paint.layerCount()).isEqualTo(3);
        assertThat(paint.grains()).isEqualTo(2);
        assertThat(paint.label()).contains("file");
    }

    @Test
    void everyTypeIsRead() {
        var paint = read("""
                paint:
                  colour: Indigo
                  layer_count: 7
                  grains: -3
                  is_glossy: true
                  drying: 500ms
                  folder: /var/tin
                  names: [a, b c, 3]
                  label: "yes: it is"
                  picture: p.png
                  password: 'geheim#1'
                """).paint();
        assertThat(paint).isEqualTo(new Paint(Colour.INDIGO, 7, -3, true, Duration.ofMillis(500), Path.of("/var/tin"),
                List.of("a", "b c", "3"), Optional.of("yes: it is"), Optional.of(Path.of("p.png")),
                Optional.of("geheim#1")));
        assertThat(read(null, Map.of("IOTFLOW_PAINT_NAMES", " x , y"), Map.of())
                .paint().names()).containsExactly("x", "y");
        for (var word : List.of("on", "true")) assertThat(glossy(word)).isTrue();
        for (var word : List.of("off", "false")) assertThat(glossy(word)).isFalse();
        for (var form : Map.of("30s", 30, "5m", 300, "24h", 86_400, "7d", 604_800, "0s", 0, "2 m", 120).entrySet()) {
            assertThat(read(null, Map.of(), Map.of("paint.drying", form.getKey())).paint().drying())
                    .isEqualTo(Duration.ofSeconds(form.getValue()));
        }
    }

    private boolean glossy(String word) {
        return read(null, Map.of(), Map.of("paint.is_glossy", word)).paint().isGlossy();
    }

    @Test
    void aValueOfTheWrongTypeIsNamedWithItsKeyAndOrigin() {
        check("paint.colour", "blue", "is none of red, indigo");
        check("paint.layer_count", "many", "is no whole number");
        check("paint.layer_count", "99999999999", "is no whole number");
        check("paint.grains", "1.5", "is no whole number");
        check("paint.is_glossy", "yes", "is neither true nor false");
        check("paint.folder", "a\0b", "");
        for (var wrong : List.of("", "5", "-5s", "5 weeks", "s", "99999999999999999999d", "9223372036854775807d")) {
            check("paint.drying", wrong, "is no duration; write 500ms, 30s, 5m, 24h or 7d");
        }
    }

    private void check(String key, String value, String complaint) {
        assertThat(mistakes(null, Map.of(), Map.of(key, value))).singleElement().asString()
                .startsWith("the command line: " + key + " = " + value.lines().findFirst().orElse(""))
                        .contains(complaint);
    }

    @Test
    void allMistakesAreNamedTogether() {
        var found = mistakes("paint:\n  colour: blue\n  layer_cuont: 3\nshop:\n  street: [[a]]\n",
                Map.of("IOTFLOW_PAINT_GRAINS", "x", "IOTFLOW_PAINT_LAYERS_COUNT", "4"), Map.of("zoo.lion", "1"));
        assertThat(found).hasSize(6);
        assertThat(found).anySatisfy(it -> assertThat(it).contains("iotflow.yaml: paint.colour = blue"));
        assertThat(found).anySatisfy(it -> assertThat(it)
                .endsWith("iotflow.yaml: there is no key paint.layer_cuont; did you mean paint.layer_count?"));
        assertThat(found).anySatisfy(it -> assertThat(it).contains("shop.street is a list of lists"));
        assertThat(found).contains("IOTFLOW_PAINT_GRAINS: paint.grains = x is no whole number",
                "the environment: there is no setting IOTFLOW_PAINT_LAYERS_COUNT; "
                        + "did you mean IOTFLOW_PAINT_LAYER_COUNT?",
                "the command line: there is no key zoo.lion");
    }

    @Test
    void whatASectionRefusesIsReportedWithTheOthers() {
        assertThat(mistakes("paint:\n  layer_count: 101\nshop:\n  safe: x\n"))
                .hasSize(2).contains("paint.layer_count is at most 100");
    }

    @Test
    void secretsAreNeverPrinted() {
        assertThat(mistakes("shop:\n  safe: geheim1234\n")).singleElement().asString()
                .contains("shop.safe").doesNotContain("geheim");
        for (var broken : List.of("paint:\n  password: 'geheim1234\n", "paint:\n  password: \"geheim1234\\q\"\n",
                "paint:\n  password: geheim1234: x\n", "paint:\n  password: @geheim1234\n",
                "paint:\n  password: !geheim1234 a\n", "paint:\n  password: *geheim1234\n",
                "paint:\n  password: {a: geheim1234}\n", "paint:\n  password: [[geheim1234]]\n",
                "paint:\n  password: geheim1234\n  password: geheim1234\n")) {
            assertThat(mistakes(broken)).allSatisfy(it -> assertThat(it).doesNotContain("geheim"));
        }
    }

    @Test
    void aFileThatCannotBeReadIsAMistakeAndNothingElse() throws IOException {
        for (var broken : List.of("paint: [", "paint:\n\tcolour: red", "a: 1\n---\nb: 2",
                "paint:\n  colour: red\n colour: x")) {
            assertThat(mistakes(broken)).first().asString().contains("iotflow.yaml is no YAML");
        }
        assertThat(mistakes("- a\n- b")).first().asString().contains("write sections");
        assertThat(mistakes("hello")).first().asString().contains("write sections");
        assertThat(mistakes("paint: red")).singleElement().asString().contains("there is no key paint");
        assertThat(mistakes("paint: [a]")).singleElement().asString().contains("paint is a list; write keys below it");
        assertThat(mistakes("paint:\n  colour:\n    deep: 1")).singleElement().asString()
                .contains("paint.colour has keys below it");
        assertThat(mistakes("paint: &a\n  colour: *a")).singleElement().asString().contains("iotflow.yaml");
        Files.write(folder.resolve("iotflow.yaml"), new byte[] {'a', ':', ' ', (byte) 0xC3, (byte) 0x28});
        assertThat(mistakes(null)).singleElement().asString().contains("no text in UTF-8");
        var other = folder.resolve("folder");
        Files.createDirectory(other);
        var thrown = catchThrowableOfType(ConfigurationReader.Mistakes.class,
                () -> new ConfigurationReader(other, Map.of(), Map.of()).read(Config.class));
        assertThat(thrown).hasMessageContaining("cannot be read");
    }

    @Test
    void namesDoNotDependOnTheLanguageOfTheMachine() {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr-TR"));
        try {
            var environment = Map.of("IOTFLOW_PAINT_IS_GLOSSY", "true", "IOTFLOW_PAINT_COLOUR", "indigo");
            var paint = read("paint:\n  picture: p\n", environment, Map.of()).paint();
            assertThat(paint.isGlossy()).isTrue();
            assertThat(paint.colour()).isEqualTo(Colour.INDIGO);
            assertThat(mistakes("paint:\n  colour: x\n")).singleElement().asString().contains("red, indigo");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void thePlatformsOwnConfigurationReads() {
        var config = PlatformConfig.read(folder.resolve("absent.yaml"), Map.of("IOTFLOW_HTTP_PORT", "0"), Map.of());
        assertThat(config.http().port()).isZero();
        var thrown = catchThrowableOfType(ConfigurationReader.Mistakes.class, () -> PlatformConfig.read(
                folder.resolve("absent.yaml"), Map.of(), Map.of("journal.segment_mib", "1", "http.port", "70000",
                        "database.pool_size", "1", "registration.mode", "token", "mqtt.port", "x")));
        assertThat(thrown.getMessage().lines()).hasSize(5);
        assertThat(thrown.getMessage()).contains("journal.segment_mib", "http.port", "database.pool_size",
                "registration.token", "mqtt.port");
    }

    @Test
    void twoPortsThatAreTheSameAreAMistake() {
        var thrown = catchThrowableOfType(ConfigurationReader.Mistakes.class, () -> PlatformConfig.read(
                folder.resolve("absent.yaml"), Map.of(), Map.of("mqtt.port", "8080")));
        assertThat(thrown.getMessage()).contains("http.port and mqtt.port are both 8080");
    }
}
