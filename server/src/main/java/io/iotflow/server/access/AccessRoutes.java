package io.iotflow.server.access;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.util.Map;

/// How people sign in and out, and whose credential it is. An `Idempotency-Key` is not heeded: answers hold secrets.
public final class AccessRoutes implements Routes {
    private final Sessions sessions;
    private final Users users;
    private final AccessTokens tokens;

    record SignIn(String username, String password, String totp) {
        SignIn {
            Asked.required("username", username);
            Asked.required("password", password);
        }
    }

    record RefreshToken(String refreshToken) {
        RefreshToken {
            Asked.required("refresh_token", refreshToken);
        }
    }

    record NewPassword(String password, String newPassword) {
        NewPassword {
            Asked.required("password", password);
            Asked.required("new_password", newPassword);
        }
    }

    record Code(String code) {
        Code {
            Asked.required("code", code);
        }
    }

    public AccessRoutes(Sessions sessions, Users users, AccessTokens tokens) {
        this.sessions = sessions;
        this.users = users;
        this.tokens = tokens;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("auth/me", Access.KNOWN, this::me);
        table.post("auth/login", Access.PUBLIC, this::signIn).repeatable();
        table.post("auth/refresh", Access.PUBLIC, this::refresh).repeatable();
        table.post("auth/logout", Access.PUBLIC, this::signOut).repeatable();
        table.post("auth/password", Access.USER, this::changePassword).repeatable();
        table.post("auth/totp", Access.USER, this::startTotp).repeatable();
        table.post("auth/totp/confirm", Access.USER, this::confirmTotp).repeatable();
        table.delete("auth/totp", Access.USER, this::removeTotp).repeatable();
        table.outside().get("/.well-known/jwks.json", Access.PUBLIC, _ -> Reply.ok(tokens.jwks()));
    }

    private Reply signIn(Request request) {
        var wish = request.json(SignIn.class);
        return secret(sessions.signIn(request.remoteAddress(), wish.username(), wish.password(),
                wish.totp() == null ? "" : wish.totp()));
    }

    private Reply refresh(Request request) {
        return secret(sessions.refresh(request.json(RefreshToken.class).refreshToken()));
    }

    private Reply signOut(Request request) {
        sessions.signOut(request.remoteAddress(), request.json(RefreshToken.class).refreshToken());
        return Reply.noContent();
    }

    private Reply changePassword(Request request) {
        var person = person(request);
        var wish = request.json(NewPassword.class);
        return secret(sessions.changePassword(person, request.remoteAddress(), wish.password(), wish.newPassword()));
    }

    private Reply startTotp(Request request) {
        var person = person(request);
        var secret = sessions.secondFactor().start(Long.parseLong(person.id()));
        return secret(Map.of("secret", Totp.base32(secret), "uri", Totp.uri(secret, person.name())));
    }

    private Reply confirmTotp(Request request) {
        var codes = sessions.secondFactor().confirm(request.actor(), Long.parseLong(person(request).id()),
                request.json(Code.class).code());
        return secret(Map.of("recovery_codes", codes));
    }

    private Reply removeTotp(Request request) {
        sessions.secondFactor().remove(request.actor(), person(request).name(),
                request.json(Code.class).code());
        return Reply.noContent();
    }

    /// Service tokens and the operator's token have no password and no second factor.
    private static Caller.User person(Request request) {
        if (request.caller() instanceof Caller.User user && user.kind() == Actor.Kind.USER) return user;
        throw new PlatformException(ErrorCode.CONFLICT, "This is for people who have signed in; a token is no user.");
    }

    private static Reply secret(Object answer) {
        return Reply.ok(answer).header("Cache-Control", "no-store");
    }

    private Reply me(Request request) {
        var answer = JsonNodeFactory.instance.objectNode();
        return Reply.ok(switch (request.caller()) {
            case Caller.User user -> {
                describe(user, answer);
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

    /// What the operator's token may do is called `admin`, other tokens have no role.
    private void describe(Caller.User caller, ObjectNode answer) {
        if (caller.kind() == Actor.Kind.USER) {
            users.known(Long.parseLong(caller.id())).map(AccessMemory.KnownUser::user).ifPresent(user ->
                    answer.put("role", user.role()).put("user_id", user.id()).put("origin", user.origin().word())
                            .put("totp", user.totp()));
        } else answer.put("role", caller.permissions().equals(Permission.ADMIN) ? "admin" : "token");
    }
}
