package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Methods of texts, arrays and numbers, and the functions that take payloads apart.
class DecoderTest {
    private final World world = new World();

    private Object value(String source) {
        var expression = Expression.compile(source, Vocabulary.decoder());
        return expression.value(world.seenBy(expression));
    }

    private void check(String source, Object expected) {
        assertThat(value(source)).as(source).isEqualTo(expected);
    }

    private void payload(String hex) {
        var bytes = HexFormat.of().parseHex(hex);
        world.local("bytes", bytes).local("payload", new String(bytes, StandardCharsets.ISO_8859_1))
                .local("topic", "devices/a/raw");
    }

    @Test
    void aDecoderAnswersWithMetrics() {
        payload("0929ff9c64");
        check("({temperature: int16(bytes, 0) / 100, offset: int16(bytes, 2), battery: bytes[4], name: topic})",
                Map.of("temperature", 23.45, "offset", -100.0, "battery", 100.0, "name", "devices/a/raw"));
        check("const low = uint8(bytes, 4) < 20; return {low, 'a-b': 1};", Map.of("low", false, "a-b", 1.0));
        check("bytes.length", 5.0);
    }

    @Test
    void numbersAreReadFromBytes() {
        payload("80ff0102fffefdfc3fc00000");
        check("uint8(bytes, 0)", 128.0);
        check("int8(bytes, 0)", -128.0);
        check("uint16(bytes, 0)", 33023.0);
        check("int16(bytes, 0)", -32513.0);
        check("uint16(bytes, 2, true)", 513.0);
        check("uint32(bytes, 4)", 4294901244.0);
        check("int32(bytes, 4)", -66052.0);
        check("float32(bytes, 8)", 1.5);
        check("float32([0, 0, 192, 63], 0, true)", 1.5);
        check("uint16(bytes, 11)", null);
        check("uint16(bytes, -1)", null);
        check("uint16('ab', 0)", null);
        check("bits(0b10110, 1, 3)", 3.0);
        check("bits(1, 0, 60)", Double.NaN);
    }

    @Test
    void textsAreReadAsNumbersBytesAndJson() {
        check("parseInt('42px') + parseInt('-ff', 16) + parseInt('0x10', 16)", -197.0);
        check("parseInt('x')", Double.NaN);
        check("parseFloat(' 3.5e2 m')", 350.0);
        check("parseFloat('abc')", Double.NaN);
        check("hex('0a ff')", List.of(10.0, 255.0));
        check("hex('0g')", null);
        check("base64('CgD/')", List.of(10.0, 0.0, 255.0));
        check("base64('*')", null);
        check("json('{\"a\": {\"b\": [1, null]}}')", Map.of("a", Map.of("b", Arrays.asList(1.0, null))));
        check("json('{\"a\": 7}').a", 7.0);
        check("json('{')", null);
        check("json('1 2')", null);
    }

    @Test
    void textsHaveMethods() {
        check("'a,b,,c'.split(',')", List.of("a", "b", "", "c"));
        check("'abc'.split('')", List.of("a", "b", "c"));
        check("''.split(',')", List.of(""));
        check("'temperature=3.5;x=2'.split(';').map(p => Number(p.split('=')[1]))", List.of(3.5, 2.0));
        check("'abcdef'.slice(1, 3) + 'abcdef'.slice(-2) + 'abc'.slice(2, 1)", "bcef");
        check("'abc'.slice(-0.5) + 'abc'.slice(0, -0.5) + 'abc'.slice(-1.5)", "abcc");
        check("' a '.trim() + 'Ii'.toLowerCase() + 'ıi'.toUpperCase()", "aiiII");
        check("'abc'.includes('bc') && 'abc'.startsWith('a') && 'abc'.endsWith('c')", true);
        check("'abc'.indexOf('c') + 'abc'.indexOf('x')", 1.0);
        check("'7'.padStart(3, '0') + '7'.padStart(3)", "007  7");
        check("'A'.charCodeAt(0)", 65.0);
        check("'A'.charCodeAt(1)", Double.NaN);
        check("'abc'[1] + 'abc'.length", "b3");
        check("(3.14159).toFixed(2) + ' ' + (1.005).toFixed(2) + ' ' + (-1.5).toFixed()", "3.14 1.00 -2");
    }

    @Test
    void arraysHaveMethods() {
        check("[1, 2, 3].map(x => x * 2).filter(x => x > 2)", List.of(4.0, 6.0));
        check("[1, 2, 3].reduce((sum, x) => sum + x, 0)", 6.0);
        check("[1, 2].some(x => x > 1) && ![1, 2].every(x => x > 1) && [].every(x => false)", true);
        check("[1, 2].map((x, i) => { const y = x * 10; if (i === 0) return y; return y + i; })", List.of(10.0, 21.0));
        check("[[1, 2], [3]].map(xs => xs.map(x => x + xs.length)).join(';')", "3,4;4");
        check("['a', 1, null].includes(1) && [1].includes('1') === false", true);
        check("[5, 6].indexOf(6) + [1, 2, 3].slice(1).length", 3.0);
        check("[1, null, 'a', undefined, [2, 3]].join('-')", "1--a--2,3");
        check("const k = 3; [1, 2].map(x => x * k)", List.of(3.0, 6.0));
        check("let n = 0; const all = [1, 2, 3].map(x => n = n + x); return {n, all};",
                Map.of("n", 6.0, "all", List.of(1.0, 3.0, 6.0)));
        check("undefined?.map(x => x)", null);
    }

    @Test
    void numbersAreWrittenAsInJavaScript() {
        check("[0.1 + 0.2, 1e21, 1e-7, 123456789012345680000, -0, 100, 1.5e-6, 1/3].join(' ')",
                "0.30000000000000004 1e+21 1e-7 123456789012345680000 0 100 0.0000015 0.3333333333333333");
        check("String(NaN) + 1/0", "NaNInfinity");
    }

    @Test
    void mathIsThere() {
        check("Math.min(3, 1, 2) + Math.max(1, 2) + Math.abs(-1) + Math.round(-2.5) + Math.trunc(-1.7)", 1.0);
        check("Math.round(2.5) + Math.floor(2.7) + Math.ceil(2.1) + Math.sign(-3) + Math.log2(8)", 10.0);
        check("Math.hypot(3, 4) + Math.pow(2, 3) + Math.cbrt(27) + Math.sqrt(16)", 20.0);
        check("Math.floor(Math.PI) + Math.floor(Math.E)", 5.0);
        check("isNaN('x') && !isNaN('1') && Number('0x1f') === 31 && Boolean('a') && String(1) === '1'", true);
        check("Math.round(distance(52.52, 13.405, 48.137, 11.575) / 1000)", 504.0);
    }

    @Test
    void timeIsReckonedInHours() {
        check("hoursSince('2026-01-31T06:00:00Z')", 6.0);
        check("hoursSince('2026-01-31T06:00:00+02:00')", 8.0);
        check("hoursSince('2026-01-30')", 36.0);
        check("hoursSince(timestamp - 3600000)", 1.0);
        check("hoursSince('yesterday')", null);
        check("hoursSince(metadata.never) > 1", false);
    }

    @Test
    void versionsAreComparedNumberByNumber() {
        check("['1.9', '1.10.0-rc2', 'v1.3', '0.99999999999999999999', '1', '01.2'].every("
                + "version => versionBefore(version, '1.10'))", true);
        check("['1.10', '1.10.0', '1.10.0.1', '2', '1.10-a', '', 'none', '10', 5, null].some("
                + "version => versionBefore(version, '1.10-a'))", false);
        check("versionBefore('1.0+build7', '1.0') || versionBefore('1', 'latest') || versionBefore(undefined, '1')",
                false);
        check("versionBefore('1'.padStart(70, '1'), '2')", false);
    }

    @Test
    void templatesMakeMessages() {
        world.metric("temperature", 31.25).device.put("name", "porch");
        var template = Template.compile("${device.name} is at ${temperature.toFixed(1)} °C {${`a${'}'}`}} $5",
                Vocabulary.rule(Duration.ofHours(1)));
        assertThat(template.inputs()).containsExactly(new Input.Metric("temperature"));
        assertThat(template.text(world.seenBy(template.inputs()))).isEqualTo("porch is at 31.3 °C {a}} $5");
        var missing = Template.compile("${metadata.a.b} ${nothing}", Vocabulary.rule(Duration.ofHours(1)));
        assertThat(missing.text(world.seenBy(missing.inputs()))).isEqualTo("? undefined");
        var longest = Template.compile("${'x'.padStart(900, 'y')}${'x'.padStart(900, 'y')}", Vocabulary.device());
        assertThat(longest.text(world)).hasSize(1_000).endsWith("…");
    }

    @Test
    void editorsAreToldTheWords() {
        var words = Vocabulary.rule(Duration.ofHours(1)).words();
        assertThat(words).extracting(Vocabulary.Word::name).doesNotHaveDuplicates()
                .contains("avg", "current", "metrics.<name>.avg", "Math.abs", "includes", "const", "device.name")
                .doesNotContain("int16", "payload");
        assertThat(Vocabulary.decoder().words()).extracting(Vocabulary.Word::name).contains("int16", "payload")
                .doesNotContain("avg", "metrics.<name>.avg");
        assertThat(words).allSatisfy(word -> assertThat(word.doc() + word.signature()).isNotBlank());
    }
}
