package io.iotflow.server.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.http.Fields;
import java.util.Optional;

/// A part of the devices that comes before the next part.
///
/// @param successPercent of its devices that must have installed before the next stage begins
/// @param errorPercent   more failures than this halt the rollout
record Stage(Size size, int successPercent, int errorPercent) {

    /// How many devices it takes.
    sealed interface Size {
        /// At least one.
        record Percent(int percent) implements Size {}

        record Count(int count) implements Size {}

        /// All that are left.
        record Rest() implements Size {}
    }

    static Stage of(String path, JsonNode node, int success, int error) {
        var fields = Fields.of(path, node);
        var percent = fields.find("percent").map(_ -> fields.whole("percent", 0, 1, 100));
        var count = fields.find("count").map(_ -> fields.whole("count", 0, 1, FirmwareLimits.ROLLOUT_DEVICES));
        if (percent.isPresent() && count.isPresent()) {
            throw fields.refusal("count", "cannot stand beside percent; say one of the two");
        }
        var size = percent.<Size>map(Size.Percent::new).or(() -> count.map(Size.Count::new)).orElse(new Size.Rest());
        var stage = new Stage(size, fields.whole("success_percent", success, 0, 100),
                fields.whole("error_percent", error, 0, 100));
        fields.end();
        return stage;
    }

    /// How many of all devices it takes, of those that are left.
    int take(int all, int left) {
        return switch (size) {
            case Size.Percent(var percent) -> Math.min(left, Math.max(1, (int) ((long) all * percent / 100)));
            case Size.Count(var count) -> Math.min(left, count);
            case Size.Rest _ -> left;
        };
    }

    void write(ObjectNode json) {
        switch (size) {
            case Size.Percent(var percent) -> json.put("percent", percent);
            case Size.Count(var count) -> json.put("count", count);
            case Size.Rest _ -> { } // nothing to be said
        }
        json.put("success_percent", successPercent).put("error_percent", errorPercent);
    }

    Optional<String> asRest() {
        return size instanceof Size.Rest ? Optional.of("takes all that are left, so no stage can follow it")
                : Optional.empty();
    }
}
