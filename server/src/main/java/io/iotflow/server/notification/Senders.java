package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.notification.ChannelSettings.Chat;
import io.iotflow.server.notification.ChannelSettings.Email;
import io.iotflow.server.notification.ChannelSettings.InApp;
import io.iotflow.server.notification.ChannelSettings.Mqtt;
import io.iotflow.server.notification.ChannelSettings.Sms;
import io.iotflow.server.notification.ChannelSettings.Webhook;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Tells one thing over one kind of channel, once. Blocks; any thread may call.
final class Senders {
    static final String TOPICS = "iotflow/alerts/";
    private static final String JSON = "application/json";

    private final OutsideHttp http;
    private final Mail mail;
    private final AlertTopics topics;
    private final InstantSource clock;

    Senders(OutsideHttp http, Mail mail, AlertTopics topics, InstantSource clock) {
        this.http = http;
        this.mail = mail;
        this.topics = topics;
        this.clock = clock;
    }

    /// @param owner the channel's organization
    Outcome send(ChannelSettings to, OrganizationPath owner, Delivery delivery) {
        return switch (to) {
            case Email email -> mail.send(email, delivery);
            case Webhook webhook -> call(webhook, delivery);
            case Chat(var form, var url) -> post(url, JSON, switch (form) {
                case SLACK -> Payloads.slack(delivery);
                case TEAMS -> Payloads.teams(delivery);
            }, Map.of());
            case Sms sms -> text(sms, delivery);
            case Mqtt(var topic) -> {
                topics.publish(TOPICS + owner.id() + "/" + topic, bytes(Payloads.json(delivery)));
                yield new Outcome.Delivered(0, "published");
            }
            case InApp _ -> new Outcome.Delivered(0, "listed");
        };
    }

    private Outcome call(Webhook to, Delivery delivery) {
        var isEvent = to.form() == Webhook.Form.CLOUDEVENTS;
        var body = bytes(isEvent ? Payloads.cloudEvent(delivery) : Payloads.json(delivery));
        var seconds = Long.toString(clock.instant().getEpochSecond());
        var headers = new HashMap<>(to.headers());
        headers.put("webhook-id", delivery.messageId());
        headers.put("webhook-timestamp", seconds);
        to.secret().ifPresent(secret -> headers.put("webhook-signature",
                signature(Webhook.key(secret), delivery.messageId(), seconds, body)));
        return http.send(new OutsideHttp.Call("POST", to.url(),
                isEvent ? "application/cloudevents+json; charset=utf-8" : JSON, body, headers));
    }

    /// As Standard Webhooks has it: over `id.timestamp.body`.
    static String signature(byte[] key, String id, String seconds, byte[] body) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: a JDK without HMAC-SHA256", e);
        }
    }

    private Outcome text(Sms to, Delivery delivery) {
        var text = Texts.cut(Texts.brief(delivery), Limits.SMS_CHARACTERS);
        var url = URI.create(Payloads.filled(to.url(), "application/x-www-form-urlencoded", to.to(), text));
        var body = Payloads.filled(to.body(), to.contentType(), to.to(), text).getBytes(StandardCharsets.UTF_8);
        return http.send(new OutsideHttp.Call(to.method(), url, to.contentType() + "; charset=utf-8", body,
                to.headers()));
    }

    private Outcome post(URI url, String type, ObjectNode body, Map<String, String> headers) {
        return http.send(new OutsideHttp.Call("POST", url, type, bytes(body), headers));
    }

    private static byte[] bytes(ObjectNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// What a rule's own webhook is: JSON, not signed.
    static Webhook plain(URI url) {
        return new Webhook(url, Webhook.Form.JSON, Optional.empty(), Map.of());
    }
}
