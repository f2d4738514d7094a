package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// The device is in an area; or it is out of it, having been in it before. For dwelling there is `hold`.
record Geofence(int latitude, int longitude, Area area, boolean isLeaving, int slot) implements Condition {
    private static final long WAS_INSIDE = 1;

    @Override
    public boolean holds(RuleState it) {
        var x = it.metric(latitude).number;
        var y = it.metric(longitude).number;
        if (Double.isNaN(x) || Double.isNaN(y)) return false;
        var inside = area.contains(x, y);
        if (inside) it.slots[slot] = WAS_INSIDE;
        return isLeaving ? !inside && it.slots[slot] == WAS_INSIDE : inside;
    }

    @Override
    public void assume(RuleState it, long since) {
        it.slots[slot] = WAS_INSIDE;
    }

    @Override
    public long lookback() {
        return isLeaving ? RuleProgram.PREVIOUS_LOOKBACK : 0;
    }

    @Override
    public void explain(RuleState it, ObjectNode into) {
        into.put("type", "geofence").put("event", isLeaving ? "leave" : "enter");
        Explained.number(into, "latitude", it.metric(latitude).number);
        Explained.number(into, "longitude", it.metric(longitude).number);
    }
}
