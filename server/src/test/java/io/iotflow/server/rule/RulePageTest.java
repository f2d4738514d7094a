package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The page about rules shows rules that work, and names every kind of condition.
class RulePageTest {
    private static final Path PAGE = Path.of("../docs/reference/rules.md");

    @Test
    void everyExampleIsARule() throws Exception {
        var examples = Pattern.compile("(?s)```json rule\n(.*?)```").matcher(Files.readString(PAGE)).results()
                .map(match -> match.group(1)).toList();
        assertThat(examples).hasSizeGreaterThan(3);
        for (var example : examples) assertThat(Story.program(example.replace('\'', '`'))).isNotNull();
    }

    @Test
    void everyConditionHasARow() throws Exception {
        var page = Files.readString(PAGE);
        for (var type : List.of("threshold_high", "threshold_low", "expression", "absence", "rate", "statistical",
                "count", "sequence", "geofence", "time_window", "metadata_check", "all", "any", "not")) {
            assertThat(page).contains("`" + type + "`");
        }
    }
}
