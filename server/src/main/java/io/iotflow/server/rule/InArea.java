package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.geo.Area;

/// The device is in an area; or it is out of it, having been in it before. For dwelling there is `hold`.
///
/// @param geofence the area's name; empty for one that stands in the rule
record InArea(Position position, String geofence, Area area, boolean isLeaving, int slot) implements Condition {
    private static final long WAS_INSIDE = 1;

    @Override
    public boolean holds(RuleState it) {
        if (!position.isKnown(it)) return false;
        var inside = position.isIn(it, area);
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
        if (!geofence.isEmpty()) into.put("geofence", geofence);
        position.explain(it, into);
    }
}
