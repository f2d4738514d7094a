package io.iotflow.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.limits.RateLimitConfig;
import io.iotflow.server.limits.RateLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What HTTP says of rate limits.
class RateLimitHeadersTest {
    private final AtomicLong now = new AtomicLong();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpListener listener;
    private RateLimits limits;

    @AfterEach
    void stop() {
        client.shutdownNow();
        listener.close();
    }

    private void start(RateLimitConfig config) {
        limits = new RateLimits(config, now::get);
        listener = new HttpListener(TestListener.CONFIG, MapConfig.NONE, Optional.empty(), InstantSource.system(),
                limits, List.of(RateLimitHeadersTest::caller), List.of(table -> {
                    table.get("things", Access.KNOWN, _ -> Reply.text("ok"));
                    table.post("rare", Access.PUBLIC, _ -> Reply.text("ok")).rateLimit("2/5m");
                }));
    }

    /// `user <organization> <name>`, or `device <organization> <number>`.
    private static Optional<Caller> caller(String scheme, String credential) {
        var words = credential.split(" ");
        var organization = OrganizationPath.ROOT.child(Long.parseLong(words[0]));
        return Optional.of(scheme.equals("device")
                ? new Caller.Device(new DeviceId(Long.parseLong(words[1])), "d", organization)
                : new Caller.User(Actor.Kind.USER, words[1], words[1], organization, Set.of()));
    }

    private HttpResponse<String> ask(String method, String path, String who) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/api/v1/" + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (!who.isEmpty()) request.header("Authorization", who);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void answersSayWhatIsLeftAndTheOneTooManyWhenToComeAgain() throws Exception {
        start(new RateLimitConfig("2/10s", "0", "100/1m"));
        var first = ask("GET", "things", "device 5 1");
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "RateLimit-Policy")).isEqualTo("\"device\";q=2;w=10, \"organization\";q=100;w=60");
        assertThat(header(first, "RateLimit")).isEqualTo("\"device\";r=1;t=5, \"organization\";r=99;t=1");
        assertThat(ask("GET", "things", "device 5 1").statusCode()).isEqualTo(200);
        var refused = ask("GET", "things", "device 5 1");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "Retry-After")).isEqualTo("5");
        assertThat(header(refused, "RateLimit")).isEqualTo("\"device\";r=0;t=10");
        assertThat(refused.body()).contains("\"code\":\"rate_limited\"");
        assertThat(ask("GET", "things", "device 5 2").statusCode()).as("another device").isEqualTo(200);
        now.addAndGet(5_000_000_000L);
        assertThat(ask("GET", "things", "device 5 1").statusCode()).isEqualTo(200);
        assertThat(limits.refusals(RateLimits.Kind.DEVICE)).isOne();
    }

    @Test
    void oneOrganizationCannotTakeWhatBelongsToAnother() throws Exception {
        start(new RateLimitConfig("0", "0", "20/1m"));
        var served = 0;
        for (var n = 0; n < 50; n++) if (ask("GET", "things", "user 5 u" + n % 3).statusCode() == 200) served++;
        assertThat(served).as("of the loud one's 50").isEqualTo(20);
        for (var n = 0; n < 20; n++) assertThat(ask("GET", "things", "user 6 quiet").statusCode()).isEqualTo(200);
        assertThat(limits.refusals(RateLimits.Kind.ORGANIZATION)).isEqualTo(30);
    }

    @Test
    void anAddressIsCountedBeforeItsCredentialIsLookedAt() throws Exception {
        start(new RateLimitConfig("0", "3/1m", "0"));
        for (var n = 0; n < 3; n++) assertThat(ask("GET", "things", "").statusCode()).isEqualTo(401);
        assertThat(ask("GET", "things", "").statusCode()).isEqualTo(429);
        assertThat(ask("GET", "things", "user 5 u").statusCode()).isEqualTo(429);
    }

    @Test
    void aRouteMayHaveAStricterLimitOfItsOwnForEachCaller() throws Exception {
        start(RateLimitConfig.off());
        assertThat(header(ask("GET", "things", "user 5 a"), "RateLimit")).as("where nothing is limited").isEmpty();
        for (var who : new String[] {"", "user 5 a", "device 5 1"}) {
            assertThat(header(ask("POST", "rare", who), "RateLimit")).isEqualTo("\"route\";r=1;t=150");
            assertThat(ask("POST", "rare", who).statusCode()).isEqualTo(200);
            var refused = ask("POST", "rare", who);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(header(refused, "Retry-After")).isEqualTo("150");
        }
        assertThat(limits.refusals(RateLimits.Kind.ROUTE)).isEqualTo(3);
    }
}
