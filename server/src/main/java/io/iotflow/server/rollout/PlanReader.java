package io.iotflow.server.rollout;

import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.DeviceFilter;
import io.iotflow.server.device.DeviceScope;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads plans, those of people and those that are kept.
final class PlanReader {
    private static final int SUCCESS_PERCENT = 90;
    private static final int ERROR_PERCENT = 10;
    private static final int ATTEMPTS = 3;
    private static final int HIGHEST_RATE = 1_000_000;
    private static final Duration PATIENCE = Duration.ofHours(1);

    private PlanReader() {}

    /// Leaves it to the caller to end the fields.
    ///
    /// @param now what relative times are relative to
    static Plan read(Fields fields, Instant now) {
        return new Plan(scope(fields), stages(fields),
                fields.text("start_at", 64).map(text -> Query.time(fields.path("start_at"), text, now)),
                fields.list("windows", FirmwareLimits.ROLLOUT_WINDOWS, Window::of),
                fields.whole("rate_per_minute", 0, 0, HIGHEST_RATE), fields.flag("approval", false),
                fields.flag("rollback", false), fields.flag("joins", false),
                fields.whole("max_attempts", ATTEMPTS, 1, FirmwareLimits.FIRMWARE_ATTEMPTS),
                fields.duration("timeout", FirmwareLimits.FIRMWARE_PATIENCE).orElse(PATIENCE));
    }

    private static List<Stage> stages(Fields fields) {
        var success = fields.whole("success_percent", SUCCESS_PERCENT, 0, 100);
        var error = fields.whole("error_percent", ERROR_PERCENT, 0, 100);
        var stages = fields.list("stages", FirmwareLimits.ROLLOUT_STAGES,
                (path, node) -> Stage.of(path, node, success, error));
        for (int i = 0; i < stages.size() - 1; i++) {
            var place = "stages[" + i + "]";
            stages.get(i).asRest().ifPresent(why -> {
                throw PlatformException.invalid(fields.path(place), why);
            });
        }
        return stages.isEmpty() ? List.of(new Stage(new Stage.Size.Rest(), success, error)) : stages;
    }

    /// Which devices, of those of its organization; all without one.
    static DeviceScope scope(Fields fields) {
        var scope = fields.object("scope");
        if (scope.isEmpty()) return DeviceScope.ALL;
        var it = scope.get();
        var read = new DeviceScope(names(it, "devices"), names(it, "device_types"), names(it, "groups"),
                it.text("filter", Limits.EXPRESSION_CHARACTERS).map(source ->
                        DeviceFilter.parse(it.path("filter"), source)));
        it.end();
        return read;
    }

    private static Set<String> names(Fields scope, String field) {
        return new HashSet<>(scope.texts(field, FirmwareLimits.ROLLOUT_SCOPE_NAMES, Limits.DEVICE_NAME_CHARACTERS));
    }
}
