package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;

/// What an operator does with provisioning keys.
public final class ProvisioningRoutes implements Routes {
    private static final long MOST_DEVICES = 1_000_000;

    private final Provisioning provisioning;

    public ProvisioningRoutes(Provisioning provisioning) {
        this.provisioning = provisioning;
    }

    /// The key that somebody asks for. Checks itself.
    ///
    /// @param deviceType null or empty if each device says its own
    /// @param expiresAt  null if it does not
    record Wish(String name, String deviceType, long maxDevices, Instant expiresAt) {
        Wish {
            name = name == null ? "" : name;
            deviceType = deviceType == null ? "" : deviceType;
            var errors = new ArrayList<FieldError>();
            if (name.isBlank()) errors.add(new FieldError("name", "must not be empty"));
            check(errors, "name", name);
            check(errors, "device_type", deviceType);
            if (maxDevices < 1 || maxDevices > MOST_DEVICES) {
                errors.add(new FieldError("max_devices", "must be a whole number from 1 to " + MOST_DEVICES));
            }
            Profile.refuseAny(errors);
        }

        private static void check(ArrayList<FieldError> errors, String field, String text) {
            if (text.length() > Limits.DEVICE_NAME_CHARACTERS || !StorableText.accepts(text)
                    || text.chars().anyMatch(Character::isISOControl)) {
                errors.add(new FieldError(field, "must have at most " + Limits.DEVICE_NAME_CHARACTERS
                        + " characters and no control characters"));
            }
        }
    }

    @Override
    public void declare(RouteTable table) {
        table.get("provisioning-keys", Access.with(Permission.DEVICES_READ), this::list);
        table.post("provisioning-keys", Access.with(Permission.CREDENTIALS_WRITE), this::create);
        table.delete("provisioning-keys/{key}", Access.with(Permission.CREDENTIALS_WRITE), this::revoke);
    }

    private Reply list(Request request) {
        var limit = request.query().whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        var offset = request.query().whole("offset", 0, 0, Integer.MAX_VALUE);
        var answer = JsonNodeFactory.instance.objectNode();
        var keys = answer.putArray("provisioning_keys");
        provisioning.list(request.scope(), limit, offset).forEach(key -> keys.add(json(key)));
        return Reply.ok(answer.put("count", keys.size()));
    }

    private Reply create(Request request) {
        var wish = request.json(Wish.class);
        if (wish.expiresAt() != null && !wish.expiresAt().isAfter(provisioning.now())) {
            throw PlatformException.invalid("expires_at", "must be in the future");
        }
        var made = provisioning.create(request.actor(), wish);
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Provisioning key created");
        answer.set("provisioning_key", json(made.key()).put("key", made.secret()));
        return Reply.created(answer);
    }

    private Reply revoke(Request request) {
        var text = request.parameter("key");
        var revoked = text.matches("[0-9]{1,18}")
                ? provisioning.revoke(request.actor(), Long.parseLong(text)) : Optional.<ProvisioningKey>empty();
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Provisioning key revoked");
        answer.set("provisioning_key", json(revoked.orElseThrow(
                () -> PlatformException.notFound("provisioning key with this id"))));
        return Reply.ok(answer);
    }

    private ObjectNode json(ProvisioningKey key) {
        return JsonNodeFactory.instance.objectNode().put("id", key.id())
                .put("organization_id", key.organization().id()).put("name", key.name())
                .put("device_type", key.type().isEmpty() ? null : key.type()).put("max_devices", key.maxDevices())
                .put("used", key.used()).put("state", key.state(provisioning.now()).name().toLowerCase(Locale.ROOT))
                .put("created_at", key.createdAt().toString())
                .put("expires_at", key.expiresAt().map(Object::toString).orElse(null))
                .put("revoked_at", key.revokedAt().map(Object::toString).orElse(null));
    }
}
