package io.iotflow.server.processing;

import io.iotflow.protocol.Value;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What processing makes of the values of one metric of one device, for values that came before it was so: the steps
/// that calculate with the metric alone, as they are at one moment. For one thread.
public final class Repetition {
    private final String metric;
    private final List<Planned> steps;

    /// @param value   the same object when nothing has changed it
    /// @param quality empty where no range judges the metric
    public record Outcome(Value value, Optional<String> quality) {}

    private Repetition(String metric, List<Planned> steps) {
        this.metric = metric;
        this.steps = List.copyOf(steps);
    }

    /// @throws PlatformException `CONFLICT` when a step makes the metric of something else, which is not kept
    static Repetition of(DevicePlan plan, String metric) {
        var steps = new ArrayList<Planned>();
        for (var planned : plan.steps()) {
            switch (planned.step()) {
                case Step.Calibrate(var own, _, _) when own.equals(metric) -> steps.add(planned);
                case Step.Convert(var own, _, _, _) when own.equals(metric) -> steps.add(planned);
                case Step.Range range when range.metric().equals(metric) -> steps.add(planned);
                case Step.Derive(var made, _) when made.equals(metric) -> throw refused(planned, metric);
                case Step.Rename(var from, var to) when from.equals(metric) || to.equals(metric) ->
                        throw refused(planned, metric);
                case Step.Calibrate _, Step.Convert _, Step.Range _, Step.Derive _, Step.Rename _, Step.Drop _,
                     Step.Decode _ -> { }
            }
        }
        return new Repetition(metric, steps);
    }

    private static PlatformException refused(Planned planned, String metric) {
        return new PlatformException(ErrorCode.CONFLICT, "Processing rule " + planned.rule() + " makes or renames "
                + metric + ", which cannot be repeated over what is stored; switch the rule off first.");
    }

    public String metric() {
        return metric;
    }

    /// @param sent what the device sent; a value that is no number stays as it is and is not judged
    public Outcome of(Value sent) {
        var number = Work.number(sent);
        if (Double.isNaN(number)) return new Outcome(sent, Optional.empty());
        var now = number;
        Quality worst = null;
        for (var planned : steps) {
            switch (planned.step()) {
                case Step.Calibrate(_, var multiplier, var offset) -> now = scaled(now, multiplier, offset);
                case Step.Convert(_, _, _, var by) -> now = scaled(now, by.multiplier(), by.offset());
                case Step.Range range -> {
                    var quality = range.judge(now);
                    if (worst == null || worst.compareTo(quality) < 0) worst = quality;
                }
                case Step.Derive _, Step.Rename _, Step.Drop _, Step.Decode _ ->
                        throw new IllegalStateException("BUG: " + planned.step() + " is not repeated");
            }
        }
        return new Outcome(now == number ? sent : new Value.Real(now), Optional.ofNullable(worst).map(Quality::word));
    }

    /// What is greater than any number stays as it is, as it does at the door.
    private static double scaled(double number, double multiplier, double offset) {
        var scaled = Math.fma(number, multiplier, offset);
        return Double.isFinite(scaled) ? scaled : number;
    }
}
