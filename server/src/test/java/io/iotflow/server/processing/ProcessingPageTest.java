package io.iotflow.server.processing;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.Measurement;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.InboundMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the page about processing rules shows is what happens.
class ProcessingPageTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "processing-rules.md");
    private static final Pattern BLOCK = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
    private static final Pattern BYTES = Pattern.compile("Of the bytes `([0-9a-f ]+)`");

    private static String page() throws IOException {
        return Files.readString(PAGE);
    }

    private static List<String> blocks() throws IOException {
        return BLOCK.matcher(page()).results().map(block -> block.group(1)).toList();
    }

    @Test
    void everyRuleOfThePageIsARule() throws Exception {
        var rules = 0;
        for (var block : blocks()) {
            var json = Json.mapper().readTree(block);
            var rule = json.has("rule") ? json.path("rule") : json;
            if (!rule.has("steps")) continue;
            assertThat(RuleDocument.read(rule).steps()).as(block).isNotEmpty();
            rules++;
        }
        assertThat(rules).isEqualTo(3);
    }

    @Test
    void thePayloadOfThePageBecomesWhatThePageSays() throws Exception {
        var blocks = blocks();
        var at = 0;
        while (!blocks.get(at).contains("decode")) at++;
        var faults = new Faults(new LongAdder());
        var plan = DevicePlan.of(Rules.document(blocks.get(at)), faults, Rules.device("acme-th3", "{}"),
                new Rules.Known());
        var found = BYTES.matcher(page());
        assertThat(found.find()).isTrue();
        var bytes = HexFormat.of().parseHex(found.group(1).replace(" ", ""));
        var made = plan.decode(new InboundMessage(plan.device().id(), plan.device().organization(), Kind.TELEMETRY,
                bytes), 0);
        assertThat(faults.count()).as(faults.last()).isZero();
        var expected = Rules.decoded(blocks.get(at + 1));
        assertThat(made.stream().filter(measurement -> !measurement.metric().equals(DevicePlan.PAYLOAD))
                .map(ProcessingPageTest::text).toList())
                .isEqualTo(expected.stream().map(ProcessingPageTest::text).toList());
    }

    private static String text(Measurement measurement) {
        return measurement.metric() + " " + Work.number(measurement.value());
    }
}
