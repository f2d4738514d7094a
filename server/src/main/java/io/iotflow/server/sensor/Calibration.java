package io.iotflow.server.sensor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Fields;

/// What makes a right value of a sensor's: `value * multiplier + offset`, and where that is still believed.
///
/// @param validMin infinite for no bound; likewise `validMax`
record Calibration(double multiplier, double offset, double validMin, double validMax) {
    static final Calibration NONE = new Calibration(1, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    Calibration {
        if (multiplier == 0 || !Double.isFinite(multiplier) || !Double.isFinite(offset) || validMin > validMax) {
            throw new IllegalArgumentException("no calibration: " + multiplier + ", " + offset + ", " + validMin
                    + " to " + validMax);
        }
    }

    /// @param otherwise what fields that are left out mean
    static Calibration read(Fields fields, Calibration otherwise) {
        var multiplier = fields.number("multiplier").orElse(otherwise.multiplier);
        if (multiplier == 0) {
            throw fields.refusal("multiplier", "must not be 0: all values would become the offset");
        }
        var offset = fields.number("offset").orElse(otherwise.offset);
        var min = fields.number("valid_min").orElse(otherwise.validMin);
        var max = fields.number("valid_max").orElse(otherwise.validMax);
        if (min > max) throw fields.refusal("valid_max", "must not be below valid_min");
        return new Calibration(multiplier, offset, min, max);
    }

    ObjectNode into(ObjectNode json) {
        json.put("multiplier", multiplier).put("offset", offset);
        bound(json, "valid_min", validMin);
        bound(json, "valid_max", validMax);
        return json;
    }

    private static void bound(ObjectNode json, String name, double bound) {
        if (Double.isFinite(bound)) json.put(name, bound);
        else json.putNull(name);
    }
}
