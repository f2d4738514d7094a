package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.configuration.State.Drift;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Which devices have something else than they should.
final class DriftRoutes {
    private static final int KEYS = 100;
    private static final List<String> WORDS =
            Arrays.stream(Drift.values()).filter(Drift::isDrift).map(Drift::word).toList();

    private final Configurations configurations;

    private record Line(State state, String name) {}

    DriftRoutes(Configurations configurations) {
        this.configurations = configurations;
    }

    void declare(RouteTable table) {
        table.get("configurations/drift", Access.with(Permission.DEVICES_READ), this::list);
    }

    private Reply list(Request request) {
        var state = request.query().text("state");
        if (state.isPresent() && !WORDS.contains(state.get())) {
            throw PlatformException.invalid("state", "must be one of " + String.join(", ", WORDS));
        }
        var wish = Page.Wish.of(request.query());
        var rows = rows(request.scope(), state, request.query().text("device_type"), wish);
        var page = Page.of(rows, wish, line -> line.state.device().value());
        return Reply.ok(page.json("devices", DriftRoutes::json));
    }

    private List<Line> rows(OrganizationPath scope, Optional<String> state, Optional<String> type, Page.Wish wish) {
        return configurations.database().transaction(scope, handle -> handle.createQuery("""
                SELECT s.*, d.name FROM configuration_states s JOIN devices d ON d.id = s.device_id
                WHERE s.drift NOT IN ('in_sync', 'pending') AND d.status <> 'decommissioned'
                    AND s.device_id > :after AND (:state::text IS NULL OR s.drift = :state)
                    AND (:type::text IS NULL OR d.device_type = :type)
                ORDER BY s.device_id LIMIT :limit""")
                .bind("after", wish.after()).bind("state", state.orElse(null)).bind("type", type.orElse(null))
                .bind("limit", wish.limit() + 1)
                .map((row, _) -> new Line(StateStore.state(row), row.getString("name"))).list());
    }

    private static ObjectNode json(Line line) {
        var state = line.state;
        var json = Json.mapper().createObjectNode().put("device_id", state.device().value())
                .put("device_name", line.name).put("device_type", state.type()).put("version", state.version())
                .put("changed_at", state.changedAt().toString());
        describe(state, json);
        return json;
    }

    /// What is known of whether the device has what it should.
    static void describe(State state, ObjectNode into) {
        into.put("drift", state.drift().word()).put("drift_since", state.since().toString());
        var keys = into.putArray("drift_keys");
        state.reported().flatMap(State.Reported::values).stream()
                .flatMap(has -> Difference.between(Content.values(state.entries()), has).stream()).limit(KEYS)
                .forEach(it -> keys.add(it.path()));
        into.put("problem", state.problem().isEmpty() ? null : state.problem());
        into.set("acknowledgement", state.acknowledgement().map(State.Acknowledgement::json).orElse(null));
        into.put("reported_at", state.reported().map(it -> it.at().toString()).orElse(null));
    }
}
