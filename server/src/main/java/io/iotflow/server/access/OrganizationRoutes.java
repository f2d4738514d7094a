package io.iotflow.server.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;

/// The tree of organizations, as far as the caller may see it.
public final class OrganizationRoutes implements Routes {
    private final Organizations organizations;

    record NewOrganization(String name, Long parentId) {
        NewOrganization {
            name = Asked.label(name);
        }
    }

    record NewName(String name) {
        NewName {
            name = Asked.label(name);
        }
    }

    public OrganizationRoutes(Organizations organizations) {
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("organizations", Access.with(Permission.ORGANIZATIONS_READ), this::list);
        table.post("organizations", Access.with(Permission.ORGANIZATIONS_WRITE), this::create);
        table.get("organizations/{organization}", Access.with(Permission.ORGANIZATIONS_READ), this::show);
        table.put("organizations/{organization}", Access.with(Permission.ORGANIZATIONS_WRITE), this::rename);
        table.delete("organizations/{organization}", Access.with(Permission.ORGANIZATIONS_WRITE), this::remove);
    }

    private Reply list(Request request) {
        return Reply.ok(organizations.list(request.scope(), Page.Wish.of(request.query()))
                .json("organizations", found -> json(found, request)));
    }

    private Reply create(Request request) {
        var wish = request.json(NewOrganization.class);
        var parent = organizations.named(request.scope(), "parent_id", wish.parentId());
        return Reply.created(json(organizations.create(request.actor(), parent, wish.name()), request));
    }

    private Reply show(Request request) {
        return Reply.ok(json(organizations.require(request.scope(), request.id("organization")), request));
    }

    private Reply rename(Request request) {
        var id = request.id("organization");
        organizations.require(request.scope(), id);
        return Reply.ok(json(organizations.rename(request.actor(), id, request.json(NewName.class).name()), request));
    }

    private Reply remove(Request request) {
        organizations.remove(request.actor(), request.id("organization"));
        return Reply.noContent();
    }

    /// The parent of the caller's own organization is not the caller's to see.
    private static ObjectNode json(Organization organization, Request request) {
        var path = organization.path();
        var json = Json.mapper().createObjectNode().put("id", organization.id()).put("name", organization.name());
        if (path.equals(request.scope())) json.putNull("parent_id");
        else json.put("parent_id", path.parent().orElseThrow().id());
        return json.put("created_at", organization.createdAt().toString());
    }
}
