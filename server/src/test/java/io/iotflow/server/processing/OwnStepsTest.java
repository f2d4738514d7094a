package io.iotflow.server.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceFacts;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/// What devices have of themselves, and how it stands with rules.
class OwnStepsTest {
    private static final double NONE = Double.POSITIVE_INFINITY;

    private static DevicePlan plan(OwnSteps own, String... steps) {
        var rules = ActiveRules.NONE;
        for (var step : steps) rules = rules.next(List.of(Rules.rule(step)), new LongAdder());
        return DevicePlan.of(rules, List.of(own), DeviceFacts.of(Rules.device("probe", "{}")), new Rules.Known());
    }

    private static String stored(DevicePlan plan, String message) {
        return Rules.text(plan.apply(Rules.decoded(message)).measurements());
    }

    @Test
    void theyComeBeforeThoseOfRules() {
        var own = new OwnSteps.Maker().calibrate("t", 2, 1).range("t", -NONE, 10, -NONE, NONE).made();
        var plan = plan(own, "{\"type\":\"calibrate\",\"metric\":\"t\",\"multiplier\":10}");
        assertThat(stored(plan, "{\"t\":4}")).isEqualTo("t=90.0 t:raw=4");
        assertThat(stored(plan, "{\"t\":5}")).isEqualTo("t=110.0 t:raw=5 t:quality=invalid");
        assertThat(stored(plan, "{\"u\":5}")).isEqualTo("u=5");
    }

    @Test
    void whatChangesNothingIsNoStep() {
        assertThat(new OwnSteps.Maker().calibrate("t", 1, 0).range("t", -NONE, NONE, -NONE, NONE).made())
                .isSameAs(OwnSteps.NONE);
    }

    @Test
    void aRepetitionGivesWhatProcessingWouldGive() {
        var own = new OwnSteps.Maker().calibrate("t", 1.5, -2).range("t", -5, 5, -3, 3).made();
        var plan = plan(own, "{\"type\":\"convert\",\"metric\":\"t\",\"from\":\"°C\",\"to\":\"K\"}");
        var repetition = Repetition.of(plan, "t");
        for (var sent = -10; sent <= 10; sent++) {
            var outcome = repetition.of(new Value.Whole(sent));
            var again = stored(plan, "{\"t\":" + sent + "}");
            assertThat(again).startsWith("t=" + ((Value.Real) outcome.value()).number() + " ");
            if (!outcome.quality().equals(Optional.of("valid"))) {
                assertThat(again).endsWith("t:quality=" + outcome.quality().orElseThrow());
            }
        }
        var text = new Value.Text("warm");
        assertThat(repetition.of(text)).isEqualTo(new Repetition.Outcome(text, Optional.empty()));
    }

    @Test
    void whatIsMadeOfOthersCannotBeRepeated() {
        for (var step : List.of("{\"type\":\"derive\",\"metric\":\"t\",\"expression\":\"u * 2\"}",
                "{\"type\":\"rename\",\"metric\":\"t\",\"to\":\"u\"}",
                "{\"type\":\"rename\",\"metric\":\"u\",\"to\":\"t\"}")) {
            var plan = plan(OwnSteps.NONE, step);
            assertThatThrownBy(() -> Repetition.of(plan, "t")).isInstanceOf(PlatformException.class)
                    .hasMessageContaining("switch the rule off");
            assertThat(Repetition.of(plan, "other").metric()).isEqualTo("other");
        }
    }
}
