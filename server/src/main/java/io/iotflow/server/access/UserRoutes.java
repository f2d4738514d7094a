package io.iotflow.server.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/// Users and roles, as far as the caller may see them.
public final class UserRoutes implements Routes {
    private final Users users;
    private final Roles roles;
    private final Organizations organizations;
    private final InstantSource clock;

    record NewUser(String name, String password, String role, Long organizationId) {
        NewUser {
            Asked.signInName(name);
            Asked.required("password", password);
            Asked.required("role", role);
        }
    }

    record Password(String password) {
        Password {
            Asked.required("password", password);
        }
    }

    record RoleBody(String name, List<String> permissions, Long organizationId) {
        RoleBody {
            Asked.label(name);
            Asked.permissions(permissions);
        }
    }

    public UserRoutes(Users users, Roles roles, Organizations organizations, InstantSource clock) {
        this.users = users;
        this.roles = roles;
        this.organizations = organizations;
        this.clock = clock;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("users", Access.with(Permission.USERS_READ), this::list);
        table.post("users", Access.with(Permission.USERS_WRITE), this::create);
        table.get("users/{user}", Access.with(Permission.USERS_READ), this::show);
        table.put("users/{user}", Access.with(Permission.USERS_WRITE), this::change);
        table.delete("users/{user}", Access.with(Permission.USERS_WRITE), this::remove);
        table.post("users/{user}/password", Access.with(Permission.USERS_WRITE), this::setPassword);
        table.post("users/{user}/unlock", Access.with(Permission.USERS_WRITE), this::unlock);
        table.get("roles", Access.with(Permission.USERS_READ), this::listRoles);
        table.post("roles", Access.with(Permission.USERS_WRITE), this::createRole);
        table.put("roles/{role}", Access.with(Permission.USERS_WRITE), this::changeRole);
        table.delete("roles/{role}", Access.with(Permission.USERS_WRITE), this::removeRole);
    }

    private Reply list(Request request) {
        return Reply.ok(users.list(request.scope(), Page.Wish.of(request.query())).json("users", this::json));
    }

    private Reply create(Request request) {
        var wish = request.json(NewUser.class);
        var organization = organizations.named(request.scope(), "organization_id", wish.organizationId());
        return Reply.created(json(users.create(request.actor(), held(request), organization, wish.name(),
                wish.password(), wish.role())));
    }

    private Reply show(Request request) {
        return Reply.ok(json(user(request)));
    }

    private Reply change(Request request) {
        var user = user(request);
        return Reply.ok(json(users.change(request.actor(), held(request), user.id(),
                request.json(Users.Change.class))));
    }

    private Reply remove(Request request) {
        users.remove(request.actor(), held(request), request.id("user"));
        return Reply.noContent();
    }

    private Reply setPassword(Request request) {
        var user = user(request);
        users.setPassword(request.actor(), held(request), user.id(), request.json(Password.class).password());
        return Reply.noContent();
    }

    private Reply unlock(Request request) {
        users.unlock(request.actor(), held(request), request.id("user"));
        return Reply.noContent();
    }

    /// The built-in ones first, on the first page.
    private Reply listRoles(Request request) {
        var wish = Page.Wish.of(request.query());
        var answer = roles.list(request.scope(), wish).json("roles", UserRoutes::json);
        if (wish.after() > 0) return Reply.ok(answer);
        var all = answer.withArray("roles");
        for (var word : List.of("viewer", "operator", "admin")) {
            var json = Json.mapper().createObjectNode().putNull("id").put("name", word).putNull("organization_id");
            all.insert(0, permissions(json, Role.builtIn(word).orElseThrow()));
        }
        return Reply.ok(answer.put("count", all.size()));
    }

    private Reply createRole(Request request) {
        var wish = request.json(RoleBody.class);
        var organization = organizations.named(request.scope(), "organization_id", wish.organizationId());
        return Reply.created(json(roles.create(request.actor(), held(request), organization, wish.name(),
                Asked.permissions(wish.permissions()))));
    }

    private Reply changeRole(Request request) {
        var wish = request.json(RoleBody.class);
        return Reply.ok(json(roles.change(request.actor(), held(request), request.id("role"), wish.name(),
                Asked.permissions(wish.permissions()))));
    }

    private Reply removeRole(Request request) {
        roles.remove(request.actor(), held(request), request.id("role"));
        return Reply.noContent();
    }

    private User user(Request request) {
        return users.require(request.scope(), request.id("user"));
    }

    static Set<Permission> held(Request request) {
        if (request.caller() instanceof Caller.User user) return user.permissions();
        throw new IllegalStateException("BUG: " + request.route() + " is not declared for users only");
    }

    private ObjectNode json(User user) {
        var locked = user.lockedUntil().filter(clock.instant()::isBefore);
        return Json.mapper().createObjectNode().put("id", user.id()).put("name", user.name())
                .put("organization_id", user.organization().id()).put("origin", user.origin().word())
                .put("role", user.role()).put("disabled", user.disabled()).put("totp", user.totp())
                .put("locked_until", locked.map(Object::toString).orElse(null))
                .put("created_at", user.createdAt().toString()).put("updated_at", user.updatedAt().toString());
    }

    private static ObjectNode json(Role role) {
        var json = Json.mapper().createObjectNode().put("id", role.id()).put("name", role.name())
                .put("organization_id", role.organization().id());
        return permissions(json, role.permissions());
    }

    static ObjectNode permissions(ObjectNode json, Set<Permission> permissions) {
        var words = json.putArray("permissions");
        Asked.sorted(permissions).forEach(words::add);
        return json;
    }
}
