package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Value;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.language.Surroundings;
import io.iotflow.server.language.WindowStatistics;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What an expression sees of one record, or of a payload that is to become one, and of the device. Belongs to one
/// thread and one evaluation.
final class RecordSurroundings implements Surroundings {
    private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();

    private static final Object ABSENT = new Object();
    /// So many measurements are looked through each time.
    private static final int FEW = 16;

    private final DeviceFacts facts;
    private final long timeMicros;
    private final Work work;
    private final String[] inputs;
    private final Map<String, Object> locals;
    private boolean isIncomplete;
    /// What was found of the inputs; null until the first is asked for.
    private Object[] found;
    private int spent;

    /// @param work     the record; null where there is none
    /// @param inputs   which metrics the expression reads, by the index of the input
    /// @param locals   further names; one that is asked for and absent makes the result incomplete
    RecordSurroundings(DeviceFacts facts, long timeMicros, Work work, String[] inputs,
            Map<String, Object> locals) {
        this.facts = facts;
        this.timeMicros = timeMicros;
        this.work = work;
        this.inputs = inputs;
        this.locals = locals;
    }

    /// A payload as expressions see it.
    static Map<String, Object> payload(byte[] bytes, String text, String topic) {
        return Map.of("bytes", bytes, "payload", text == null ? new String(bytes, StandardCharsets.UTF_8) : text,
                "topic", topic);
    }

    /// Whether something that it asked for is not in this record, so that it cannot be blamed for having no result.
    boolean isIncomplete() {
        return isIncomplete;
    }

    @Override
    public double number(int input) {
        return number(metric(input));
    }

    @Override
    public Object value(int input) {
        return outward(metric(input));
    }

    private Value metric(int input) {
        if (work != null && work.size() <= FEW) return noted(work.valueOf(inputs[input]));
        if (found == null) found = new Object[inputs.length];
        if (found[input] == null) {
            var value = work == null ? null : work.valueOf(inputs[input]);
            found[input] = value == null ? ABSENT : value;
            if (work != null) spent += work.size() / FEW;
        }
        return noted(found[input] instanceof Value value ? value : null);
    }

    private Value noted(Value value) {
        if (value == null) isIncomplete = true;
        return value;
    }

    @Override
    public void spent(int steps) {
        spent += steps;
    }

    /// Steps, so far.
    int spent() {
        return spent;
    }

    private static double number(Value value) {
        return value == null ? Double.NaN : Work.number(value);
    }

    static Object outward(Value value) {
        return switch (value) {
            case null -> null;
            case Value.Real(var number) -> number;
            case Value.Whole(var number) -> (double) number;
            case Value.Flag(var on) -> on;
            case Value.Text(var text) -> text;
            case Value.Sealed _ -> null;
        };
    }

    @Override
    public WindowStatistics window(int input) {
        throw new IllegalStateException("BUG: windows are refused here");
    }

    @Override
    public Object current() {
        return null;
    }

    @Override
    public double currentNumber() {
        return Double.NaN;
    }

    @Override
    public long timeMicros() {
        return timeMicros;
    }

    @Override
    public Object device(String field) {
        return facts.field(field); // what changes with each message is not known before the message is kept
    }

    @Override
    public JsonNode metadata() {
        return facts.metadata();
    }

    @Override
    public JsonNode shadow() {
        return NOTHING;
    }

    @Override
    public boolean inside(String geofence) {
        throw new IllegalStateException("BUG: inside is refused here");
    }

    @Override
    public Object local(String name) {
        var value = locals.get(name);
        if (value == null) isIncomplete = true;
        return value;
    }
}
