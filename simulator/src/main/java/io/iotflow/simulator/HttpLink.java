package io.iotflow.simulator;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.Consumer;

/// HTTP/1.1, one request at a time on the device's own thread. There is no connection to lose: a link is open as soon
/// as the platform has taken a first heartbeat with the device's key. Commands do not come this way.
final class HttpLink implements Link {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final HttpClient http;
    private final Target target;
    private final String apiKey;
    private final Consumer<LinkEvent> inbox;

    private HttpLink(HttpClient http, Target target, String apiKey, Consumer<LinkEvent> inbox) {
        this.http = http;
        this.target = target;
        this.apiKey = apiKey;
        this.inbox = inbox;
    }

    static Link open(HttpClient http, Target target, Identity identity, Consumer<LinkEvent> inbox)
            throws LinkException, InterruptedException {
        var link = new HttpLink(http, target, identity.apiKey(), inbox);
        try {
            var answer = link.post("/devices/heartbeat", Json.bytes(Json.object()));
            if (answer.statusCode() / 100 == 2) return link;
            throw new LinkException("the platform answered " + answer.statusCode(), answer.statusCode() == 401);
        } catch (IOException e) {
            throw new LinkException(Causes.of(e), false);
        }
    }

    @Override
    public void send(Message message) {
        var sentAt = System.nanoTime();
        try {
            var answer = post("/devices/telemetry", message.payload());
            var status = answer.statusCode();
            if (status / 100 == 2) {
                var latency = Duration.ofNanos(System.nanoTime() - sentAt);
                inbox.accept(new LinkEvent.Acknowledged(message.number(), latency));
            } else if (status == 429 || status == 503) {
                inbox.accept(new LinkEvent.Busy(this, Registrar.retryAfter(answer)));
            } else if (status == 401 || status >= 500) {
                inbox.accept(new LinkEvent.Lost(this, "the platform answered " + status));
            } else {
                var detail = Json.lenient(answer.body()).path("detail").asText("no reason given");
                inbox.accept(new LinkEvent.Refused(message.number(), status + " " + detail));
            }
        } catch (IOException e) {
            inbox.accept(new LinkEvent.Lost(this, Causes.of(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void heartbeat(byte[] payload) {
        try {
            post("/devices/heartbeat", payload);
        } catch (IOException e) {
            inbox.accept(new LinkEvent.Lost(this, Causes.of(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Over HTTP a device is online by its heartbeats.
    @Override
    public void status(byte[] payload) {}

    /// Only commands have results, and none arrive here.
    @Override
    public void report(String topic, byte[] payload) {}

    @Override
    public void close() {}

    @Override
    public void drop() {}

    private HttpResponse<byte[]> post(String path, byte[] body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(target.api(path)).timeout(ANSWER_WITHIN)
                .header("X-API-Key", apiKey).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body)).build();
        return http.send(request, BodyHandlers.ofByteArray());
    }
}
