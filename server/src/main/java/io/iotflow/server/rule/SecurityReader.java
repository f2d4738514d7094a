package io.iotflow.server.rule;

import io.iotflow.server.core.Limits;
import io.iotflow.server.http.Fields;
import io.iotflow.server.language.Input;
import java.util.Map;

/// Reads conditions about what a device, or whoever says to be it, should not do.
final class SecurityReader {
    private static final double LEAST_METRES = 100;

    private SecurityReader() {}

    static Condition movement(Fields fields, RuleProgram.Parts parts) {
        var latitude = parts.input(new Input.Metric(fields.text("latitude_metric", 128).orElse("latitude")));
        var longitude = parts.input(new Input.Metric(fields.text("longitude_metric", 128).orElse("longitude")));
        var above = fields.requiredNumber("above_kmh");
        if (above <= 0) throw fields.refusal("above_kmh", "must be above zero");
        var least = fields.number("least_m").orElse(LEAST_METRES);
        if (least < 0) throw fields.refusal("least_m", "must not be below zero");
        return new Movement(latitude, longitude, above, least, parts.slots(4));
    }

    static Condition clockSkew(Fields fields, RuleProgram.Parts parts) {
        parts.hear(Signal.MESSAGE);
        var direction = fields.word("direction", Map.of("both", 3, "ahead", 1, "behind", 2)).orElse(3);
        return new ClockSkew(RuleProgram.micros(fields.requiredDuration("beyond", Limits.RULE_WINDOW)),
                (direction & 1) != 0, (direction & 2) != 0);
    }

    static Condition burst(Fields fields, Signal signal, RuleProgram.Parts parts) {
        parts.hear(signal);
        var within = RuleProgram.micros(fields.requiredDuration("within", Limits.RULE_WINDOW));
        fields.required("at_least");
        var atLeast = fields.whole("at_least", 1, 1, Limits.RULE_COUNT);
        return new Burst(signal, within, atLeast, parts.slots(1 + atLeast));
    }
}
