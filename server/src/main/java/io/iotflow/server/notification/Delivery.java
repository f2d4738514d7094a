package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One thing that is told, or is to be, to one receiver.
///
/// @param event   `begun`, `acknowledged`, `resolved` or `test`
/// @param kind    the channel's; empty until it was tried
/// @param state   `waiting`, `delivered`, `failed`, `cancelled` or `dropped`
/// @param attempts how many were begun, the present one included
/// @param history what came of each
/// @param content what is told, without what is the receiver's
record Delivery(long id, OrganizationPath organization, UUID message, Optional<Long> alert, String event, int step,
                Target target, Optional<String> kind, String state, String held, Instant plannedAt, Instant dueAt,
                int attempts, ArrayNode history, String detail, long suppressed, ObjectNode content,
                Instant createdAt, Optional<Instant> endedAt) {

    /// The same at every try.
    String messageId() {
        return "msg_" + message.toString().replace("-", "");
    }

    /// For whoever is not to see what receivers say.
    Delivery withoutAnswers() {
        var bare = history.deepCopy();
        for (var attempt : bare) if (attempt instanceof ObjectNode object) object.put("detail", "");
        return new Delivery(id, organization, message, alert, event, step, target, kind, state, held, plannedAt, dueAt,
                attempts, bare, "", suppressed, content, createdAt, endedAt);
    }

    /// As the API shows it. Of a URL only the host: what follows may be a secret.
    ObjectNode json() {
        var json = Json.mapper().createObjectNode().put("id", id).put("organization_id", organization.id())
                .put("alert_id", alert.orElse(null)).put("event", event).put("escalation", step);
        switch (target) {
            case Target.OfChannel(var channel) -> json.put("channel_id", channel).putNull("host");
            case Target.OfUrl(var url) -> json.putNull("channel_id").put("host", url.getHost());
        }
        json.put("kind", kind.orElse(null)).put("state", state).put("message_id", messageId())
                .put("held", held.isEmpty() ? null : held).put("planned_at", plannedAt.toString())
                .put("due_at", state.equals("waiting") ? dueAt.toString() : null).put("detail", detail)
                .put("suppressed", suppressed).put("created_at", createdAt.toString())
                .put("ended_at", endedAt.map(Object::toString).orElse(null));
        json.set("attempts", history);
        return json;
    }

    /// As the list in the application shows it.
    ObjectNode notification() {
        var json = Json.mapper().createObjectNode().put("id", id).put("organization_id", organization.id())
                .put("event", event).put("escalation", step).put("title", Texts.subject(this))
                .put("at", endedAt.orElse(createdAt).toString());
        json.set("alert", content);
        return json;
    }
}
