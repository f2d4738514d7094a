package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Route;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every route with every kind of caller: refused with 401 or 403 exactly where its declaration says so. The routes are
/// the platform's own, so that a new one cannot be forgotten.
class RouteAccessTest {
    private static final String PASSWORD = "correct horse battery";

    private static TestPlatform platform;
    private static HttpClient client;
    private static int numbers;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start("registration.mode=open", "registration.limit=10000");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        if (client != null) client.shutdownNow();
        if (platform != null) platform.close();
    }

    private static List<Route> routes() {
        return platform.platform().routes().stream().filter(route -> !route.isWebSocket()).toList();
    }

    @Test
    void nobodyGetsOnlyWhatIsPublic() throws Exception {
        check(new Caller.Anonymous(), List.of());
    }

    @Test
    void aDeviceGetsOnlyWhatDevicesMay() throws Exception {
        // With a device for each call, because one of the calls ends it.
        var wrong = new ArrayList<String>();
        for (var route : routes()) {
            var device = platform.device("walker-" + numbers++);
            var caller = new Caller.Device(new DeviceId(device.id()), device.name(), OrganizationPath.ROOT);
            wrong.addAll(differences(route, caller, "X-API-Key", device.key()));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRoleGetsWhatItsPermissionsSay() throws Exception {
        checkUser("viewer", Permission.VIEWER);
        checkUser("operator", Permission.OPERATOR);
        checkUser("admin", Permission.ADMIN);
    }

    @Test
    void aRoleOfOnePermissionGetsExactlyThat() throws Exception {
        var role = platform.call("POST", "/api/v1/roles", "{\"name\":\"one\",\"permissions\":[\"devices:read\"]}");
        var bearer = signIn("one");
        for (var permission : Permission.values()) {
            platform.call("PUT", "/api/v1/roles/" + role.path("id").asText(),
                    "{\"name\":\"one\",\"permissions\":[\"" + permission.word() + "\"]}");
            check(user(EnumSet.of(permission)), List.of("Authorization", "Bearer " + bearer));
        }
    }

    @Test
    void aServiceTokenGetsWhatItWasMadeFor() throws Exception {
        var token = platform.call("POST", "/api/v1/tokens",
                "{\"name\":\"walker\",\"permissions\":[\"telemetry:read\"],\"expires_at\":\"+1d\"}");
        check(user(EnumSet.of(Permission.TELEMETRY_READ)), List.of("Authorization",
                "Bearer " + token.path("token").asText()));
    }

    private static void checkUser(String role, Set<Permission> permissions) throws Exception {
        check(user(permissions), List.of("Authorization", "Bearer " + signIn(role)));
    }

    private static Caller.User user(Set<Permission> permissions) {
        return new Caller.User(Actor.Kind.USER, "0", "walker", OrganizationPath.ROOT, permissions);
    }

    /// The access token of a new user with this role.
    private static String signIn(String role) throws Exception {
        var name = "walker-" + numbers++;
        platform.call("POST", "/api/v1/users", "{\"name\":\"" + name + "\",\"password\":\"" + PASSWORD
                + "\",\"role\":\"" + role + "\"}");
        var answer = platform.send("POST", "/api/v1/auth/login",
                "{\"username\":\"" + name + "\",\"password\":\"" + PASSWORD + "\"}");
        return Json.mapper().readTree(answer.body()).path("access_token").asText();
    }

    private static void check(Caller caller, List<String> headers) throws Exception {
        var wrong = new ArrayList<String>();
        for (var route : routes()) wrong.addAll(differences(route, caller, headers.toArray(String[]::new)));
        assertThat(wrong).isEmpty();
    }

    /// Asks for a thing that is not there, with no body: whoever is let in learns that, or that the body is missing.
    private static List<String> differences(Route route, Caller caller, String... headers) throws Exception {
        // Where one may wait for something to come, a millisecond is enough.
        var path = route.path().replaceAll("\\{[a-z_]+\\}", "999999999") + "?timeout=1";
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + platform.platform().httpPort() + path))
                .timeout(Duration.ofSeconds(20)).method(route.method(), BodyPublishers.noBody());
        if (headers.length > 0) request.headers(headers);
        var answer = client.send(request.build(), BodyHandlers.ofInputStream());
        answer.body().close();
        var status = answer.statusCode();
        var expected = route.access().admits(caller) ? 0 : caller instanceof Caller.Anonymous ? 401 : 403;
        var isRight = expected == 0 ? status != 401 && status != 403 && status != 500 : status == expected;
        return isRight ? List.of() : List.of(route + " as " + caller + ": " + status + ", expected "
                + (expected == 0 ? "to be let in" : expected));
    }
}
