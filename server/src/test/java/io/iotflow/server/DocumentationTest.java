package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
        for (var type : configRecords()) {
            var feature = snake(type.getSimpleName().replaceFirst("Config$", ""));
            rows.addAll(List.of("", "## " + feature, "", "| key | environment | default | what it does |",
                    "|---|---|---|---|"));
            for (var component : settings(type)) {
                var setting = component.getAnnotation(Setting.class);
                var key = feature + "." + snake(component.getName());
                var standard = setting.value().isEmpty() ? "empty" : "`" + setting.value() + "`";
                rows.add("| `" + key + "` | `IOTFLOW_" + key.replace('.', '_').toUpperCase(Locale.ROOT) + "` | "
                        + standard + " | " + setting.doc().replace("|", "\\|")
                        + (setting.secret() ? " Secret: never printed." : "") + " |");
            }
        }
        holds("configuration.md", rows);
    }

    @Test
    void everyLimitIsDocumented() {
        var page = read(PAGES.resolve("limits.md"));
        var missing = Arrays.stream(Limits.class.getFields())
                .map(limit -> "| `" + limit.getName() + "` | " + value(limit) + " |")
                .filter(row -> !page.contains(row)).toList();
        assertThat(missing).as("add these rows to docs/reference/limits.md, with their unit and reason").isEmpty();
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

    private static List<Class<?>> configRecords() {
        var found = new ArrayList<Class<?>>();
        for (var type : new ClassFileImporter().withImportOption(new DoNotIncludeTests())
                .importPackages("io.iotflow.server")) {
            if (!type.getSimpleName().endsWith("Config") || !type.isRecord()) continue;
            var loaded = type.reflect();
            if (!settings(loaded).isEmpty()) found.add(loaded);
        }
        found.sort(Comparator.comparing(Class::getSimpleName));
        return found;
    }

    private static List<RecordComponent> settings(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> component.isAnnotationPresent(Setting.class)).toList();
    }

    private static String snake(String name) {
        var words = new StringBuilder();
        for (var c : name.toCharArray()) {
            if (Character.isUpperCase(c) && !words.isEmpty()) words.append('_');
            words.append(Character.toLowerCase(c));
        }
        return words.toString();
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
