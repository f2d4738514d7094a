package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Earth;

/// The device has moved faster than it can, from one position to the next. A position is a latitude and a longitude
/// that were measured together.
///
/// @param least metres; positions are never exact, and the shorter the time, the faster that looks
/// @param slot  of four: the last position's latitude, longitude and time, and the metres that were too fast
record Movement(int latitude, int longitude, double aboveKmh, double least, int slot) implements Condition {
    private static final double METRES_A_MICRO_TO_KMH = 3.6e6;

    @Override
    public boolean holds(RuleState it) {
        if (it.isTouched(latitude) && it.isTouched(longitude)) move(it);
        return it.slots[slot + 3] > 0;
    }

    private void move(RuleState it) {
        var x = it.metric(latitude).number;
        var y = it.metric(longitude).number;
        if (Double.isNaN(x) || Double.isNaN(y)) return;
        var before = it.slots[slot + 2];
        var metres = before == MetricState.NEVER ? 0 : Earth.distance(Double.longBitsToDouble(it.slots[slot]),
                Double.longBitsToDouble(it.slots[slot + 1]), x, y);
        var isTooFast = metres >= least && metres / (it.now - before) * METRES_A_MICRO_TO_KMH > aboveKmh;
        it.slots[slot] = Double.doubleToRawLongBits(x);
        it.slots[slot + 1] = Double.doubleToRawLongBits(y);
        it.slots[slot + 2] = it.now;
        it.slots[slot + 3] = isTooFast ? Math.max(1, Math.round(metres)) : 0;
    }

    @Override
    public void assume(RuleState it, long since) {
        it.slots[slot + 3] = 1;
    }

    @Override
    public long lookback() {
        return RuleProgram.PREVIOUS_LOOKBACK;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "movement").put("above_kmh", aboveKmh);
        Explained.number(into, "latitude", it.metric(latitude).number);
        Explained.number(into, "longitude", it.metric(longitude).number);
        if (it.slots[slot + 3] > 0) into.put("moved_m", it.slots[slot + 3]);
    }
}
