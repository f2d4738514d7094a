package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.util.List;

/// Alerts that no rule has found, where a test needs some to ask for.
public final class TestAlerts {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private TestAlerts() {}

    /// A new open alert of a device, of a rule of that name that is not there.
    ///
    /// @return its number
    public static long raise(Database database, long device, String rule, Severity severity, Instant at) {
        var store = new AlertStore();
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var id = store.numbers(handle, 1).getFirst();
            var home = handle.createQuery("SELECT organization, name FROM devices WHERE id = :id").bind("id", device)
                    .map((row, _) -> new AlertStore.Home(new OrganizationPath(row.getString(1)), row.getString(2)))
                    .one();
            var alert = new Alert(id, new Alert.Subject(home.organization(), new DeviceId(device), home.name(),
                    1_000_000 + id, 1, rule, "", severity, false, false, at, at, JSON.objectNode().put("value", 1),
                    JSON.objectNode()), Life.begun(at, rule + " at " + home.name()));
            store.insert(handle, List.of(alert));
            store.tell(handle, List.of(new AlertStore.Line(alert,
                    new Happening(Happening.Kind.BEGUN, at, Life.RULE, ""))));
            return id;
        });
    }
}
