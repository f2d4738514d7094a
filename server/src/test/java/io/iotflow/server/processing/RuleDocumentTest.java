package io.iotflow.server.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Json;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What comes from outside is hostile until it is read.
class RuleDocumentTest {
    private static final String GOOD = """
            {"name":"Probes","description":"of series 3","mode":"off","position":-5,
             "scope":{"devices":["lamp-7","12"],"device_types":["probe"],"filter":"metadata.site === 'A'"},
             "steps":[{"type":"calibrate","metric":"t","multiplier":1.02,"offset":-0.4},
                      {"type":"convert","metric":"t","from":"°F","to":"°C"},
                      {"type":"range","metric":"t","min":-40,"max":60,"suspect_max":50,"on_invalid":"drop"},
                      {"type":"drop","metric":"noise"},{"type":"rename","metric":"t","to":"temperature"},
                      {"type":"derive","metric":"d","expression":"temperature > 3 ? 1 : 0"},
                      {"type":"drop","when":"d === 0"},{"type":"decode","expression":"({t: bytes[0]})"},
                      {"type":"decode","expression":"({t: hex(payload)[0]})","from":"data","keep_raw":false}]}""";

    private static String faults(String document) {
        var refusal = catchThrowableOfType(PlatformException.class, () -> Rules.document(document));
        assertThat(refusal).as(document).isNotNull();
        return refusal.errors().stream().map(error -> error.field() + " " + error.detail())
                .collect(Collectors.joining("\n"));
    }

    private static String step(String step) {
        return faults("{\"name\":\"r\",\"steps\":[" + step + "]}");
    }

    @Test
    void whatIsReadIsWrittenTheSame() {
        var written = RuleDocument.write(Rules.document(GOOD).content()).toString();
        assertThat(written).contains("metadata.site === 'A'", "temperature > 3 ? 1 : 0", "\"from\":\"data\"");
        assertThat(RuleDocument.write(Rules.document(written).content()).toString()).isEqualTo(written);
    }

    @Test
    void whatThePlatformWritesMayBeSentBack() throws Exception {
        var answer = RuleDocument.write(Rules.document(GOOD).content()).put("id", 7).put("version", 3)
                .put("faults", 1).put("last_fault", "x").put("organization_id", 1).put("created_at", "x");
        assertThat(RuleDocument.write(RuleDocument.read(Json.mapper().readTree(answer.toString())))).isEqualTo(
                RuleDocument.write(Rules.document(GOOD).content()));
    }

    @Test
    void mistakesInExpressionsAreToldWithLineAndColumn() {
        assertThat(step("{\"type\":\"derive\",\"metric\":\"d\",\"expression\":\"t +\\n while (1) {}\"}"))
                .contains("steps[0].expression line 2, column ");
        assertThat(step("{\"type\":\"derive\",\"metric\":\"d\",\"expression\":\"avg(t, '5m')\"}"))
                .contains("steps[0].expression line 1, column 1");
        assertThat(step("{\"type\":\"derive\",\"metric\":\"d\"}")).contains("steps[0].expression is missing");
        assertThat(step("{\"type\":\"decode\",\"expression\":7}")).contains("steps[0].expression must be text");
        assertThat(step("{\"type\":\"drop\"}")).contains("say what to drop");
        assertThat(faults("{\"name\":\"r\",\"scope\":{\"filter\":\"t > 3\"},\"steps\":[{\"type\":\"drop\","
                + "\"metric\":\"x\"}]}")).contains("scope.filter line 1, column 1");
    }

    @Test
    void allMistakesAreToldWithTheirPlaces() {
        assertThat(faults("""
                {"steps":[{"type":"calibrate","metric":"a b","multiplier":0},{"type":"convert","metric":"t","from":"°f",
                "to":"°C"},{"type":"shrink"},7,{"type":"range","metric":"t"},{"type":"rename","metric":"a","to":"a",
                "tu":1}],"mode":"on","scope":{"filters":""},"bogus":1}""")).contains(
                "name is missing", "steps[0].metric is no metric name", "steps[0].multiplier must not be 0",
                "steps[1].from is no unit that is known here; write °F", "steps[2].type must be calibrate",
                "steps[3] must be a JSON object", "steps[4].min is missing", "steps[5].to is what it is called already",
                "steps[5].tu is no field here; there are metric, to, type", "mode must be active or off",
                "scope.filters is no field here", "bogus is no field here");
    }

    @Test
    void numbersAndNamesAreHeldToTheirLimits() {
        assertThat(step("{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":1e999}")).contains("must be a number");
        assertThat(step("{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":\"3\"}")).contains("must be a number");
        assertThat(step("{\"type\":\"calibrate\",\"metric\":\"" + "t".repeat(121) + "\"}")).contains("at most 120");
        assertThat(step("{\"type\":\"calibrate\",\"metric\":\"t:raw\"}")).contains("must not end with :raw");
        assertThat(step("{\"type\":\"rename\",\"metric\":\"t\",\"to\":\"t:quality\"}")).contains("steps[0].to");
        assertThat(step("{\"type\":\"range\",\"metric\":\"t\",\"min\":2,\"max\":1}")).contains("steps[0].max");
        assertThat(faults("{\"name\":\"r\",\"steps\":[]}")).contains("steps must be a list of 1 to 50 steps");
        assertThat(faults("{\"name\":\"\\u0000\",\"position\":1.5,\"steps\":{}}")).contains("name must not have",
                "position must be a whole number");
        assertThatThrownBy(() -> Rules.document("[]")).isInstanceOf(PlatformException.class);
    }

    @Test
    void mutilatedDocumentsAreReadOrRefusedAndNothingElse() {
        var random = new Random(11);
        var pieces = new String[] {"null", "[]", "{}", "1e308", "\"\"", "true", "\"\\ud800\"", "-0", "\"t\"", "[[]]"};
        for (var n = 0; n < 5_000; n++) {
            var text = new StringBuilder(GOOD);
            for (var changes = 1 + random.nextInt(4); changes > 0; changes--) {
                var at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, pieces[random.nextInt(pieces.length)]);
                    default -> {
                        var colon = text.indexOf(":", at);
                        if (colon > 0) text.replace(colon + 1, Math.min(text.length(), colon + 2 + random.nextInt(8)),
                                pieces[random.nextInt(pieces.length)]);
                    }
                }
            }
            try {
                Rules.document(text.toString());
            } catch (PlatformException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }
}
