package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/reference/rules-language.md` tells the truth.
class LanguagePageTest {
    private static final Map<String, Vocabulary> VOCABULARIES = Map.of("rule", Vocabulary.rule(Duration.ofHours(24)),
            "device", Vocabulary.device(), "processing", Vocabulary.processing(), "decoder", Vocabulary.decoder());

    private final String page = page();

    private static String page() {
        try {
            return Files.readString(Path.of("..", "docs", "reference", "rules-language.md"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void everyExampleCompiles() {
        var examples = Pattern.compile("```(?:js|text) (\\w+)\n(.*?)```", Pattern.DOTALL).matcher(page).results()
                .toList();
        assertThat(examples).hasSizeGreaterThan(10).allSatisfy(example -> {
            if (example.group(1).equals("template")) Template.compile(example.group(2), VOCABULARIES.get("rule"));
            else Expression.compile(example.group(2), VOCABULARIES.get(example.group(1)));
        });
        assertThat(Pattern.compile("(?m)^```\\w+").matcher(page).results()).hasSize(examples.size());
    }

    @Test
    void everyRefusalIsAnswered() {
        var part = page.substring(page.indexOf("## What is refused"), page.indexOf("## Limits"));
        var rows = Pattern.compile("(?m)^\\| `(.+?)` \\| (.+?) \\|$").matcher(part).results().toList();
        assertThat(rows).hasSizeGreaterThan(10).allSatisfy(row -> {
            var refused = catchThrowableOfType(ExpressionException.class,
                    () -> Expression.compile(row.group(1), VOCABULARIES.get("rule")));
            assertThat(refused).as(row.group(1)).isNotNull();
            assertThat(refused.mistakes().getFirst().toString()).contains(row.group(2));
        });
    }

    @Test
    void everyWordIsDescribed() {
        var words = VOCABULARIES.values().stream().flatMap(vocabulary -> vocabulary.words().stream())
                .map(Vocabulary.Word::name).map(name -> name.replaceAll("^(Math|device|metrics\\.<name>)\\.", ""))
                .distinct();
        var missing = words.filter(name -> !Pattern.compile("`[^`]*\\b" + name + "\\b[^`]*`").matcher(page).find());
        assertThat(missing).as("say these words in docs/reference/rules-language.md").isEmpty();
    }

    @Test
    void whatATableTicksIsThere() {
        var rows = Pattern
                .compile("(?m)^\\| `(\\w+)`.* \\| (✅|–) \\| (✅|–) \\| (✅|–) \\| (✅|–) \\|$").matcher(page)
                .results().toList();
        assertThat(rows).hasSizeGreaterThan(5).allSatisfy(row -> {
            var order = Stream.of("rule", "device", "processing", "decoder").map(VOCABULARIES::get).toList();
            for (int i = 0; i < order.size(); i++) {
                assertThat(order.get(i).hasVariable(row.group(1))).as(row.group()).isEqualTo(
                        row.group(2 + i).equals("✅"));
            }
        });
    }
}
