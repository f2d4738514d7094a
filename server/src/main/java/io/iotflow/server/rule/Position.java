package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.geo.Area;
import io.iotflow.server.language.Input;

/// Where a device is, as far as it has said: by one pair of metrics, or, if that is not known, by the other. Values
/// that are nowhere on earth count as not known.
///
/// @param otherLatitude the same as `latitude` if there is no other pair
record Position(int latitude, int longitude, int otherLatitude, int otherLongitude) {

    /// The metrics that positions are read from unless a rule names others.
    static Position usual(RuleProgram.Parts parts) {
        return new Position(metric(parts, "latitude"), metric(parts, "longitude"),
                metric(parts, "location.latitude"), metric(parts, "location.longitude"));
    }

    static Position of(RuleProgram.Parts parts, String latitude, String longitude) {
        var first = metric(parts, latitude);
        var second = metric(parts, longitude);
        return new Position(first, second, first, second);
    }

    private static int metric(RuleProgram.Parts parts, String name) {
        return parts.input(new Input.Metric(name));
    }

    boolean isKnown(RuleState it) {
        return Area.isPlace(latitude(it), longitude(it));
    }

    /// False as long as it is not known.
    boolean isIn(RuleState it, Area area) {
        return isKnown(it) && area.contains(latitude(it), longitude(it));
    }

    private boolean isFirst(RuleState it) {
        return Area.isPlace(it.metric(latitude).number, it.metric(longitude).number);
    }

    private double latitude(RuleState it) {
        return it.metric(isFirst(it) ? latitude : otherLatitude).number;
    }

    private double longitude(RuleState it) {
        return it.metric(isFirst(it) ? longitude : otherLongitude).number;
    }

    void explain(RuleState it, ObjectNode into) {
        Explained.number(into, "latitude", latitude(it));
        Explained.number(into, "longitude", longitude(it));
    }
}
