package io.iotflow.server.processing;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.Limits;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Processing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The steps of all rules that concern one device, in their order. For any number of threads.
final class DevicePlan implements Processing.Plan {
    /// Under which the raw payload is kept.
    static final String PAYLOAD = "payload" + Work.RAW;
    private static final String EVERY = "*";
    /// The number of the rule of what is no rule's step.
    private static final long OWN = 0;

    private final ActiveRules rules;
    private final List<OwnSteps> own;
    private final DeviceFacts facts;
    private final SeriesGuard guard;
    private final Planned[] steps;
    private final QualityStates states;
    private final Map<String, Set<String>> origins;
    private final boolean decodesPayloads;

    private DevicePlan(ActiveRules rules, List<OwnSteps> own, DeviceFacts facts, SeriesGuard guard,
            List<Planned> steps, int ranges) {
        this.rules = rules;
        this.own = own;
        this.facts = facts;
        this.guard = guard;
        this.steps = steps.toArray(Planned[]::new);
        this.states = new QualityStates(ranges);
        this.origins = origins(steps);
        this.decodesPayloads = steps.stream().anyMatch(planned -> isOfPayload(planned.step()));
    }

    /// @param own what the device has of itself; it comes first, and does not count against the limit of rules' steps
    static DevicePlan of(ActiveRules rules, List<OwnSteps> own, DeviceFacts facts, SeriesGuard guard) {
        var device = facts.device();
        var steps = new ArrayList<Planned>();
        var ranges = new HashMap<String, Integer>();
        for (var it : own) add(steps, ranges, it.steps(), OWN, it.counted());
        var mostSteps = steps.size() + Limits.PROCESSING_STEPS_PER_DEVICE;
        for (var rule : rules.rules()) {
            if (!rule.rule().concerns(facts)) continue;
            if (steps.size() + rule.rule().content().steps().size() > mostSteps) {
                rule.faults().count(0, "is left out for device " + device.name() + ": with it there would be more than "
                        + Limits.PROCESSING_STEPS_PER_DEVICE + " steps for one device");
            } else add(steps, ranges, rule.rule().content().steps(), rule.rule().id(), rule.faults());
        }
        return new DevicePlan(rules, own, facts.seenBy(device.organization()), guard, steps, ranges.size());
    }

    /// One rule alone, whether or not it concerns the device.
    static DevicePlan of(ProcessingRule rule, Faults faults, Device device, SeriesGuard guard) {
        var steps = new ArrayList<Planned>();
        var ranges = new HashMap<String, Integer>();
        add(steps, ranges, rule.content().steps(), rule.id(), faults);
        return new DevicePlan(ActiveRules.NONE, List.of(), DeviceFacts.of(device), guard, steps, ranges.size());
    }

    private static void add(List<Planned> steps, Map<String, Integer> ranges, List<Step> more, long rule,
            Faults faults) {
        for (var i = 0; i < more.size(); i++) {
            var range = more.get(i) instanceof Step.Range it
                    ? ranges.computeIfAbsent(it.metric(), _ -> ranges.size()) : -1;
            steps.add(new Planned(more.get(i), rule, i, faults, range));
        }
    }

    /// What each metric was made of, through all steps.
    private static Map<String, Set<String>> origins(List<Planned> steps) {
        var origins = new HashMap<String, Set<String>>();
        for (var planned : steps) {
            switch (planned.step()) {
                case Step.Rename(var metric, var to) -> add(origins, to, metric);
                case Step.Derive(var metric, _) -> {
                    for (var input : planned.inputs()) add(origins, metric, input);
                }
                // What it makes is known only when it has made it.
                case Step.Decode(_, var from, _) when from != null -> add(origins, EVERY, from);
                case Step.Decode _, Step.Calibrate _, Step.Convert _, Step.Range _, Step.Drop _ -> { }
            }
        }
        return origins.isEmpty() ? Map.of() : Map.copyOf(origins);
    }

    private static void add(Map<String, Set<String>> origins, String made, String from) {
        var all = origins.computeIfAbsent(made, _ -> new HashSet<>());
        all.add(from);
        var before = origins.get(from);
        if (before != null) all.addAll(List.copyOf(before));
    }

    boolean isOf(ActiveRules current) {
        return rules == current;
    }

    boolean isWith(List<OwnSteps> current) {
        return own.equals(current);
    }

    boolean isEmpty() {
        return steps.length == 0;
    }

    Device device() {
        return facts.device();
    }

    DeviceFacts facts() {
        return facts;
    }

    SeriesGuard guard() {
        return guard;
    }

    QualityStates states() {
        return states;
    }

    Planned[] steps() {
        return steps;
    }

    private static boolean isOfPayload(Step step) {
        return step instanceof Step.Decode(_, var from, _) && from == null;
    }

    @Override
    public boolean decodesPayloads() {
        return decodesPayloads;
    }

    /// The first rule that has an answer wins. Where none has one, the payload itself is kept.
    @Override
    public List<Measurement> decode(InboundMessage message, long receivedMicros) {
        var bytes = Arrays.copyOfRange(message.bytes(), message.offset(), message.offset() + message.length());
        var budget = new Budget();
        var topic = message.kind().word() + (message.rest().isEmpty() ? "" : "/" + message.rest());
        for (var planned : steps) {
            if (!(planned.step() instanceof Step.Decode(var expression, var from, var keepsRaw)) || from != null) {
                continue;
            }
            if (budget.isSpent(planned)) break;
            if (bytes.length > Limits.PROCESSING_PAYLOAD_BYTES) {
                planned.fault("is given " + bytes.length + " bytes; " + Limits.PROCESSING_PAYLOAD_BYTES
                        + " are allowed");
                return List.of();
            }
            var seen = new RecordSurroundings(facts, receivedMicros, null, planned.inputs(),
                    RecordSurroundings.payload(bytes, null, topic));
            try {
                var made = admitted(planned, Decoder.decode(expression, seen, receivedMicros));
                if (keepsRaw) made.addAll(raw(bytes, made.isEmpty() ? receivedMicros : made.getLast().timeMicros()));
                if (!made.isEmpty()) return made;
            } catch (Decoder.Fault e) {
                planned.fault(e.getMessage());
            } finally {
                budget.evaluated(expression, seen);
            }
        }
        return raw(bytes, receivedMicros);
    }

    private List<Measurement> admitted(Planned planned, List<Measurement> made) {
        var device = facts.device().id();
        var kept = new ArrayList<Measurement>(made.size() + 1);
        for (var measurement : made) {
            if (guard.admits(device, measurement.metric(), measurement.value().type())) kept.add(measurement);
            else planned.fault("cannot write " + measurement.metric() + Work.NOT_ADMITTED);
        }
        return kept;
    }

    private List<Measurement> raw(byte[] bytes, long timeMicros) {
        var text = new Value.Text(HexFormat.of().formatHex(bytes));
        return guard.admits(facts.device().id(), PAYLOAD, text.type())
                ? List.of(new Measurement(PAYLOAD, timeMicros, text)) : List.of();
    }

    @Override
    public Processing.Outcome apply(List<Measurement> measurements, Processing.Onlooker onlooker) {
        var budget = new Budget();
        var end = endOfRecord(measurements, 0);
        if (end == measurements.size()) return run(measurements, budget, onlooker);
        // Several records: each by itself.
        var kept = new ArrayList<Measurement>(measurements.size());
        var judged = new ArrayList<Work.Judged>();
        var isChanged = false;
        for (var start = 0; start < measurements.size(); start = end) {
            end = endOfRecord(measurements, start);
            var record = measurements.subList(start, end);
            var done = run(record, budget, onlooker);
            isChanged |= done.measurements() != record;
            kept.addAll(done.measurements());
            judged.addAll(done.judged());
        }
        return new Done(isChanged ? kept : measurements, origins, states, judged);
    }

    private Done run(List<Measurement> record, Budget budget, Processing.Onlooker onlooker) {
        var work = work(record, budget);
        if (onlooker != null) onlooker.record(record);
        for (var step : steps) {
            work.run(step);
            if (onlooker != null) onlooker.after(step.rule(), step.index(), step.step().type(), seen(work));
        }
        return new Done(work.result(), origins, states, work.judged());
    }

    private static List<Processing.Seen> seen(Work work) {
        return work.sight().stream().map(sight -> new Processing.Seen(sight.measurement(),
                sight.quality() == null ? "" : sight.quality().word())).toList();
    }

    Work work(List<Measurement> record, Budget budget) {
        return new Work(this, record, budget);
    }

    /// A record is what stands together and has one time.
    static int endOfRecord(List<Measurement> measurements, int start) {
        var time = measurements.get(start).timeMicros();
        var end = start + 1;
        while (end < measurements.size() && measurements.get(end).timeMicros() == time) end++;
        return end;
    }

    private record Done(List<Measurement> measurements, Map<String, Set<String>> origins, QualityStates states,
                        List<Work.Judged> judged) implements Processing.Outcome {
        @Override
        public void kept() {
            for (var one : judged) states.observe(one.range(), one.timeMicros(), one.quality());
        }
    }
}
