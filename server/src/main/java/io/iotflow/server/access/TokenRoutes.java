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
import java.time.Instant;
import java.util.List;

/// Service tokens, as far as the caller may see them.
public final class TokenRoutes implements Routes {
    private final ServiceTokens tokens;
    private final Organizations organizations;

    record NewToken(String name, List<String> permissions, Instant expiresAt, Long organizationId) {
        NewToken {
            Asked.label(name);
            Asked.permissions(permissions);
            Asked.required("expires_at", expiresAt);
        }
    }

    public TokenRoutes(ServiceTokens tokens, Organizations organizations) {
        this.tokens = tokens;
        this.organizations = organizations;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("tokens", Access.with(Permission.TOKENS_READ), this::list);
        table.post("tokens", Access.with(Permission.TOKENS_WRITE), this::create);
        table.delete("tokens/{token}", Access.with(Permission.TOKENS_WRITE), this::revoke);
    }

    private Reply list(Request request) {
        return Reply.ok(tokens.list(request.scope(), Page.Wish.of(request.query())).json("tokens", TokenRoutes::json));
    }

    private Reply create(Request request) {
        var wish = request.json(NewToken.class);
        var organization = organizations.named(request.scope(), "organization_id", wish.organizationId());
        var made = tokens.create(request.actor(), UserRoutes.held(request), organization, wish.name(),
                Asked.permissions(wish.permissions()), wish.expiresAt());
        return Reply.created(json(made.token()).put("token", made.secret()));
    }

    private Reply revoke(Request request) {
        tokens.revoke(request.actor(), request.id("token"));
        return Reply.noContent();
    }

    private static ObjectNode json(ServiceTokens.ServiceToken token) {
        var json = Json.mapper().createObjectNode().put("id", token.id()).put("name", token.name())
                .put("organization_id", token.organization().id()).put("created_by", token.createdBy())
                .put("created_at", token.createdAt().toString()).put("expires_at", token.expiresAt().toString());
        return UserRoutes.permissions(json, token.permissions());
    }
}
