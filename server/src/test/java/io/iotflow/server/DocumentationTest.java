package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.ledger.LedgerLimits;
import io.iotflow.protocol.DeviceTopic;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.Setting;
import io.iotflow.server.core.ShadowLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The reference pages say what the code says. Run with `-Diotflow.docs.write` to write the generated tables anew.
class DocumentationTest {
    private static final Path PAGES = Path.of("..", "docs", "reference");
    private static final String BEGIN = "<!-- generated: begin -->\n";
    private static final String END = "<!-- generated: end -->";

    @Test
    void everyErrorIsDocumented() {
        var rows = new ArrayList<String>(List.of("| code | status | title | what to do |", "|---|---|---|---|"));
        for (var code : ErrorCode.values()) {
            rows.add("| `" + code.code() + "` | " + code.status() + " | " + code.title() + " | " + code.hint() + " |");
        }
        holds("errors.md", rows);
    }

    @Test
    void everySettingIsDocumented() {
        var rows = new ArrayList<String>();
        for (var section : PlatformConfig.class.getRecordComponents()) {
            var name = ConfigurationReader.name(section);
            rows.addAll(List.of("", "## " + name, "", "| key | environment | default | what it does |",
                    "|---|---|---|---|"));
            for (var component : section.getType().getRecordComponents()) {
                var setting = component.getAnnotation(Setting.class);
                var key = name + "." + ConfigurationReader.name(component);
                var standard = setting.value().isEmpty() ? "empty" : "`" + setting.value() + "`";
                rows.add("| `" + key + "` | `" + ConfigurationReader.variable(key) + "` | " + standard + " | "
                        + setting.doc().replace("|", "\\|")
                        + (setting.secret() ? " Secret: never printed." : "") + " |");
            }
        }
        holds("configuration.md", rows);
    }

    @Test
    void everyLimitIsDocumented() {
        var page = read(PAGES.resolve("limits.md"));
        var missing = Stream.of(Limits.class, CommandLimits.class, FirmwareLimits.class, FleetLimits.class,
                        ShadowLimits.class, LedgerLimits.class)
                .flatMap(limits -> Arrays.stream(limits.getFields()))
                .map(limit -> "| `" + limit.getName() + "` | " + value(limit) + " |")
                .filter(row -> !page.contains(row)).toList();
        assertThat(missing).as("add these rows to docs/reference/limits.md, with their unit and reason").isEmpty();
    }

    @Test
    void everyMetricIsDocumented() {
        var page = read(PAGES.resolve("metrics.md"));
        var names = Pattern.compile("\"(iotflow(?:\\.[a-z]+)+)\"")
                .matcher(read(Path.of("src", "main", "java", "io", "iotflow", "server", "PlatformFigures.java")));
        var missing = names.results().map(name -> "`" + name.group(1).replace('.', '_'))
                .filter(name -> !page.contains(name + "`") && !page.contains(name + "_total`")).toList();
        assertThat(missing).as("add a row for each to docs/reference/metrics.md").isEmpty();
    }

    @Test
    void everyTopicIsDocumented() {
        var page = read(PAGES.resolve("mqtt.md"));
        var missing = Arrays.stream(DeviceTopic.Kind.values()).map(kind -> "`…/" + kind.word() + "`")
                .filter(topic -> !page.contains(topic)).toList();
        assertThat(missing).as("add a row for each to docs/reference/mqtt.md").isEmpty();
    }

    private static void holds(String name, List<String> rows) {
        var file = PAGES.resolve(name);
        var page = read(file);
        var from = page.indexOf(BEGIN) + BEGIN.length();
        var to = page.indexOf(END);
        var wanted = String.join("\n", rows).strip() + "\n";
        if (Boolean.getBoolean("iotflow.docs.write") || "".equals(System.getProperty("iotflow.docs.write"))) {
            write(file, page.substring(0, from) + wanted + page.substring(to));
            return;
        }
        assertThat(page.substring(from, to)).as(name + ": run this test with -Diotflow.docs.write").isEqualTo(wanted);
    }

    private static String value(Field limit) {
        try {
            var value = limit.get(null);
            return value instanceof Duration duration ? duration.toString().substring(2).toLowerCase(Locale.ROOT)
                    : String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
