package io.iotflow.server.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.processing.Rules.Trial;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the steps do to messages, without a platform around them.
class StepsTest {
    private static final String CALIBRATE = "{\"type\":\"calibrate\",\"metric\":\"t\",\"multiplier\":2,\"offset\":-1}";
    private static final String RANGE = "{\"type\":\"range\",\"metric\":\"t\",\"min\":-40,\"max\":60,"
            + "\"suspect_min\":-20,\"suspect_max\":40}";

    private static void check(String steps, String message, String expected) {
        assertThat(new Trial(steps).stored(message)).as(steps + " on " + message).isEqualTo(expected);
    }

    @Test
    void calibratingKeepsTheRawValueBesideTheNewOne() {
        check(CALIBRATE, "{\"t\":10,\"h\":5}", "t=19.0 t:raw=10 h=5");
        check(CALIBRATE, "{\"t\":2.5}", "t=4.0 t:raw=2.5");
        check(CALIBRATE, "{\"t\":1}", "t=1");
        check(CALIBRATE, "{\"h\":1}", "h=1");
        check(CALIBRATE, "{\"t\":\"n/a\",\"u\":true}", "t=n/a u=true");
    }

    @Test
    void whatNoRuleChangesIsTheVeryListThatWasSent() {
        var sent = Rules.decoded("[{\"h\":1,\"ts\":1},{\"h\":2,\"ts\":2}]");
        assertThat(new Trial(CALIBRATE + "," + RANGE).plan.apply(sent).measurements()).isSameAs(sent);
    }

    @Test
    void severalStepsKeepTheValueThatWasSent() {
        check("{\"type\":\"convert\",\"metric\":\"t\",\"from\":\"°F\",\"to\":\"°C\"}," + CALIBRATE
                + ",{\"type\":\"rename\",\"metric\":\"t\",\"to\":\"temperature\"}", "{\"t\":68}",
                "temperature=39.0 temperature:raw=68");
    }

    @Test
    void aResultBeyondAllNumbersIsAFaultAndTheValueStays() {
        var trial = new Trial("{\"type\":\"calibrate\",\"metric\":\"t\",\"multiplier\":1e300}");
        assertThat(trial.stored("{\"t\":1e300}")).isEqualTo("t=1.0E300");
        assertThat(trial.faults.count()).isEqualTo(1);
        assertThat(trial.faults.last()).contains("steps[0]", "t");
    }

    @Test
    void qualityIsWrittenWhileItIsBadAndWhenItIsGoodAgain() {
        var trial = new Trial(RANGE);
        assertThat(trial.stored("{\"t\":20,\"ts\":1000}")).isEqualTo("t=20");
        assertThat(trial.stored("{\"t\":41,\"ts\":2000}")).isEqualTo("t=41 t:quality=suspect");
        assertThat(trial.stored("{\"t\":-41,\"ts\":3000}")).isEqualTo("t=-41 t:quality=invalid");
        assertThat(trial.stored("{\"t\":20,\"ts\":4000}")).isEqualTo("t=20 t:quality=valid");
        assertThat(trial.stored("{\"t\":20,\"ts\":5000}")).isEqualTo("t=20");
    }

    @Test
    void afterARestartGoodIsSaidOnceWhereItWasEverBad() {
        var fresh = new Trial(RANGE);
        fresh.known.types.put("t:quality", Value.Type.TEXT);
        assertThat(fresh.stored("{\"t\":20,\"ts\":1000}")).isEqualTo("t=20 t:quality=valid");
        assertThat(fresh.stored("{\"t\":20,\"ts\":2000}")).isEqualTo("t=20");
    }

    @Test
    void whatIsLateDoesNotMakeTheLatestQualityGood() {
        var trial = new Trial(RANGE);
        trial.stored("{\"t\":99,\"ts\":5000}");
        assertThat(trial.stored("{\"t\":20,\"ts\":1000}")).isEqualTo("t=20 t:quality=valid");
        assertThat(trial.stored("{\"t\":20,\"ts\":6000}")).as("the bad one is still the latest")
                .isEqualTo("t=20 t:quality=valid");
    }

    @Test
    void whatWasNotKeptDoesNotCount() {
        var trial = new Trial(RANGE);
        trial.stored("{\"t\":99,\"ts\":1000}");
        var refused = trial.plan.apply(Rules.decoded("{\"t\":20,\"ts\":2000}"));
        assertThat(Rules.text(refused.measurements())).isEqualTo("t=20 t:quality=valid");
        assertThat(trial.stored("{\"t\":20,\"ts\":3000}")).isEqualTo("t=20 t:quality=valid");
    }

    @Test
    void invalidValuesCanBeLeftOut() {
        check("{\"type\":\"range\",\"metric\":\"t\",\"max\":60,\"on_invalid\":\"drop\"}", "{\"t\":61,\"h\":1}",
                "t:quality=invalid h=1");
    }

    @Test
    void droppedAndRenamed() {
        check("{\"type\":\"drop\",\"metric\":\"t\"}", "{\"t\":1,\"h\":2}", "h=2");
        check("{\"type\":\"drop\",\"metric\":\"t\"}", "{\"t\":1}", "");
        check("{\"type\":\"rename\",\"metric\":\"t\",\"to\":\"h\"}", "{\"t\":1,\"h\":2}", "h=1");
        check(CALIBRATE + ",{\"type\":\"drop\",\"metric\":\"t\"}", "{\"t\":10,\"h\":2}", "h=2");
    }

    @Test
    void whereADeviceSendsTheNameThatARuleWritesTheRuleWins() {
        check(CALIBRATE, "{\"t\":10,\"t:raw\":77,\"x:raw\":5}", "t=19.0 t:raw=10 x:raw=5");
        check(RANGE, "{\"t\":99,\"t:quality\":\"splendid\"}", "t=99 t:quality=invalid");
    }

    @Test
    void aNameOfAnotherTypeIsAFaultAndLosesNothing() {
        var trial = new Trial("{\"type\":\"rename\",\"metric\":\"t\",\"to\":\"text\"}," + CALIBRATE);
        trial.known.types.put("text", Value.Type.TEXT);
        trial.known.types.put("t:raw", Value.Type.TEXT);
        assertThat(trial.stored("{\"t\":10}")).isEqualTo("t=19.0");
        assertThat(trial.faults.count()).isEqualTo(2);
    }

    @Test
    void recordsOfAMessageAreWorkedOnOneByOne() {
        check(CALIBRATE, "[{\"t\":10,\"ts\":1},{\"t\":20,\"ts\":2},{\"h\":1,\"ts\":3}]",
                "t=19.0 t:raw=10 t=39.0 t:raw=20 h=1");
    }

    @Test
    void whatAMetricWasMadeOfIsKnown() {
        var origins = new Trial("{\"type\":\"rename\",\"metric\":\"a\",\"to\":\"b\"},"
                + "{\"type\":\"rename\",\"metric\":\"b\",\"to\":\"c\"}").plan.apply(Rules.decoded("{\"a\":1}"))
                .origins();
        assertThat(origins).isEqualTo(Map.of("b", Set.of("a"), "c", Set.of("a", "b")));
    }

    private static String derive(String metric, String expression) {
        return "{\"type\":\"derive\",\"metric\":\"" + metric + "\",\"expression\":\"" + expression + "\"}";
    }

    @Test
    void derivedMetricsAreMadeOfTheRecordAndTheDevice() {
        check(derive("d", "t - (100 - h) / 5"), "{\"t\":20,\"h\":60}", "t=20 h=60 d=12.0");
        check(derive("d", "t * metadata.gain"), "{\"t\":20}", "t=20 d=60.0");
        check(derive("hot", "t > 10"), "{\"t\":20}", "t=20 hot=true");
        check(derive("what", "`${device.name}: ${t}`"), "{\"t\":20}", "t=20 what=lamp-7: 20");
        check(derive("d", "t + 1") + "," + derive("e", "d * 2"), "{\"t\":20}", "t=20 d=21.0 e=42.0");
        check(derive("d", "metrics['door.open'].value ? 1 : 0"), "{\"door\":{\"open\":true}}", "door.open=true d=1.0");
        check(derive("d", "a + b"), "[{\"a\":1,\"b\":2,\"ts\":1},{\"a\":3,\"b\":4,\"ts\":2}]",
                "a=1 b=2 d=3.0 a=3 b=4 d=7.0");
    }

    @Test
    void aMetricCanBeDerivedOfItself() {
        check(derive("t", "value * value"), "{\"t\":3}", "t=9.0 t:raw=3");
        check(derive("t", "value"), "{\"t\":3}", "t=3");
        check(derive("t", "Number(value)"), "{\"t\":\"3.5\"}", "t=3.5 t:raw=3.5");
    }

    @Test
    void whatIsMissingIsNoFault() {
        var trial = new Trial(derive("d", "t - h") + "," + derive("t", "value * 2"));
        assertThat(trial.stored("{\"h\":1}")).isEqualTo("h=1");
        assertThat(trial.faults.count()).isZero();
    }

    @Test
    void aFaultOfAnExpressionIsCountedAndLosesNothing() {
        var trial = new Trial(derive("d", "Math.sqrt(t)") + "," + derive("e", "metadata.none.such")
                + "," + derive("f", "[t]") + "," + derive("t", "value / 0"));
        assertThat(trial.stored("{\"t\":-1}")).isEqualTo("t=-1");
        assertThat(trial.faults.count()).isEqualTo(4);
        assertThat(trial.faults.last()).isEqualTo("steps[3] gives no number (-Infinity)");
    }

    @Test
    void recordsAndMetricsAreDroppedWhenAnExpressionSaysSo() {
        var metric = "{\"type\":\"drop\",\"metric\":\"t\",\"when\":\"value > 100 || h === 0\"}";
        check(metric, "{\"t\":101,\"h\":1}", "h=1");
        check(metric, "{\"t\":99,\"h\":0}", "h=0");
        check(metric, "{\"t\":99,\"h\":1}", "t=99 h=1");
        check("{\"type\":\"drop\",\"when\":\"battery < 5\"}", "[{\"battery\":4,\"t\":1,\"ts\":1},"
                + "{\"battery\":6,\"t\":2,\"ts\":2},{\"t\":3,\"ts\":3}]", "battery=6 t=2 t=3");
    }

    private static String decode(String from, String expression) {
        return "{\"type\":\"decode\",\"from\":\"" + from + "\",\"expression\":\"" + expression + "\"}";
    }

    @Test
    void aTextBecomesMetrics() {
        check(decode("data", "const b = hex(payload); return {t: int16(b, 0) / 100, h: b[2] / 2};"),
                "{\"data\":\"08fc82\",\"rssi\":-70}", "data=08fc82 rssi=-70 t=23 h=65");
        check(decode("data", "const b = base64(payload); return {t: int16(b, 0) / 100};"), "{\"data\":\"CPw=\"}",
                "data=CPw= t=23");
        check(decode("data", "const p = payload.split(';'); return {a: parseFloat(p[0]), b: {c: parseFloat(p[1])}};")
                + ",{\"type\":\"drop\",\"metric\":\"data\"}", "{\"data\":\"1.5;2\"}", "a=1.5 b.c=2");
        check(decode("data", "({t: 1})"), "{\"data\":7}", "data=7");
        check(decode("data", "({})") + "," + decode("data", "payload") + "," + decode("data", "({'a b': 1})"),
                "{\"data\":\"x\"}", "data=x");
    }

    @Test
    void whatIsMadeOfSomethingIsKnown() {
        assertThat(new Trial(derive("d", "a + b") + ",{\"type\":\"rename\",\"metric\":\"d\",\"to\":\"e\"}")
                .plan.apply(Rules.decoded("{\"a\":1,\"b\":2}")).origins())
                .isEqualTo(Map.of("d", Set.of("a", "b"), "e", Set.of("a", "b", "d")));
        assertThat(new Trial(decode("data", "({t: 1})")).plan.apply(Rules.decoded("{\"data\":\"\"}")).origins())
                .isEqualTo(Map.of("*", Set.of("data")));
    }

    @Test
    void aMessageAsLargeAsCanBeCostsTimeInProportion() {
        var records = new ArrayList<>(Collections.nCopies(10_000, "{\"t\":1e9,\"t:raw\":1}"));
        var trial = new Trial(CALIBRATE + "," + RANGE);
        var sent = Rules.decoded(records.toString());
        var began = System.nanoTime();
        assertThat(trial.plan.apply(sent).measurements()).hasSize(30_000);
        assertThat((System.nanoTime() - began) / 1_000_000).as("ms").isLessThan(2_000);
    }

    private static String many(int records, String record) {
        return IntStream.rangeClosed(1, records).mapToObj(i -> "{" + record + ",\"ts\":" + i + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String derive(int metric, String expression) {
        return "{\"type\":\"derive\",\"metric\":\"d" + metric + "\",\"expression\":\"" + expression + "\"}";
    }

    @Test
    void oneMessageMakesOnlySoMuchTextAndTheRestIsOneFault() {
        var steps = IntStream.range(0, 50).mapToObj(i -> derive(i, "'x'.padStart(10000)")).toList();
        var trial = new Trial(String.join(",", steps));
        var made = trial.plan.apply(Rules.decoded(many(10_000, "\"t\":1"))).measurements();
        assertThat(made).hasSizeBetween(10_001, 10_100);
        assertThat(trial.faults.count()).isEqualTo(1);
        assertThat(trial.faults.last()).contains("1000000", "fewer records");
    }

    @Test
    void oneMessageTakesOnlySoManyStepsAndTheRestIsOneFault() {
        var steps = IntStream.range(0, 50).mapToObj(i -> derive(i,
                "'" + "a,".repeat(400) + "'.split(',').map(x => x.length).length")).toList();
        var trial = new Trial(String.join(",", steps));
        var made = trial.plan.apply(Rules.decoded(many(10_000, "\"t\":1"))).measurements();
        assertThat(made).hasSizeBetween(10_100, 15_000);
        assertThat(trial.faults.count()).isEqualTo(1);
    }

    @Test
    void aTextThatStandsInAResultManyTimesIsAFaultNotAGigabyte() {
        var trial = new Trial("{\"type\":\"decode\",\"from\":\"t\",\"expression\":\"const x = 'x'.padStart(9000);"
                + " return {a: payload.split(',').map(y => x)}\"}");
        assertThat(trial.stored("{\"t\":\"" + ",".repeat(900) + "\"}")).startsWith("t=,");
        assertThat(trial.faults.last()).contains("262144 bytes");
    }

    @Test
    void aFilterReadsNothingThatChangesByItself() {
        for (var filter : new String[] {"timestamp > 0", "hoursSince(device.created_at) > 1", "shadow.on"}) {
            assertThatThrownBy(() -> Rules.document("{\"name\":\"r\",\"scope\":{\"filter\":\"" + filter
                    + "\"},\"steps\":[" + CALIBRATE + "]}")).as(filter).isInstanceOf(PlatformException.class);
        }
        Rules.document("{\"name\":\"r\",\"scope\":{\"filter\":\"metadata.floor > 2\"},\"steps\":[" + CALIBRATE + "]}");
    }

    @Test
    void aTrialShowsOnlySoManyRecords() {
        var run = new DryRun(Rules.rule(CALIBRATE), Rules.device("probe", "{}"), new Rules.Known(), Rules.NOW);
        var wish = new DryRun.Wish(List.of(many(1_001, "\"t\":1").getBytes(StandardCharsets.UTF_8)), false);
        assertThatThrownBy(() -> run.run(wish)).isInstanceOf(PlatformException.class).hasMessageContaining("fewer");
    }
}
