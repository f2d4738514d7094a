package io.iotflow.server.access;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;

/// Whose credential it is.
public final class AccessRoutes implements Routes {

    @Override
    public void declare(RouteTable table) {
        table.get("auth/me", Access.KNOWN, AccessRoutes::me);
    }

    private static Reply me(Request request) {
        var answer = JsonNodeFactory.instance.objectNode();
        return Reply.ok(switch (request.caller()) {
            case Caller.User user -> {
                answer.put("role", user.permissions().equals(Permission.ADMIN) ? "admin" : "user");
                answer.put("name", user.name()).put("organization_id", user.organization().id());
                user.permissions().stream().map(Permission::word).sorted()
                        .forEach(answer.withArray("permissions")::add);
                yield answer;
            }
            case Caller.Device device -> answer.put("role", "device").put("name", device.name())
                    .put("device_id", device.id().value());
            case Caller.Anonymous _ -> throw new IllegalStateException("BUG: nobody was let in");
        });
    }
}
