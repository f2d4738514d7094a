package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.OperationType;
import com.unboundid.util.ssl.KeyStoreKeyManager;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.TrustAllTrustManager;
import io.iotflow.server.PlatformConfig;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.HttpConfig;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.OpenApiContract;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// People whose passwords are kept by an LDAP directory, over HTTP.
class DirectorySignInTest {
    private static final String PASSWORD = "the directory's own";
    private static final String OWN = "correct horse battery";
    private static final String ADMIN = "operator-token-of-the-directory-test";
    private static final String[] ENTRIES = {
            "dn: dc=plant", "objectClass: domain", "dc: plant", "",
            "dn: cn=service,dc=plant", "objectClass: person", "cn: service", "sn: service",
            "userPassword: service password", "",
            "dn: ou=people,dc=plant", "objectClass: organizationalUnit", "ou: people", "",
            "dn: ou=groups,dc=plant", "objectClass: organizationalUnit", "ou: groups", "",
            "dn: cn=iot-admins,ou=groups,dc=plant", "objectClass: groupOfNames", "cn: iot-admins",
            "member: uid=dir-anna,ou=people,dc=plant", ""};

    @TempDir
    static Path folder;

    private static final Database database = SharedDatabase.open();
    private static final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static Duration ahead = Duration.ZERO;
    private static final InstantSource clock = () -> Instant.now().plus(ahead);
    private static final Audit audit = new Audit(database, clock);
    private static final AccessMemory memory = new AccessMemory(database);
    private static final Users users = new Users(database, memory, audit, clock);
    private static final Organizations organizations =
            new Organizations(database, SharedDatabase.keyRing(), audit, clock);
    private static InMemoryDirectoryServer server;
    private static HttpListener listener;
    private static OpenApiContract contract;

    private record Answer(int status, JsonNode body) {
        String text(String field) {
            return body.path(field).asText();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        var keys = folder.resolve("directory.p12").toString();
        keytool("-genkeypair", "-alias", "directory", "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
                "CN=directory", "-ext", "SAN=dns:localhost", "-storetype", "PKCS12", "-keystore", keys);
        keytool("-exportcert", "-rfc", "-alias", "directory", "-keystore", keys, "-file",
                folder.resolve("ca.pem").toString());
        var tls = new SSLUtil(new KeyStoreKeyManager(keys, "changeit".toCharArray()), new TrustAllTrustManager());
        var config = new InMemoryDirectoryServerConfig("dc=plant");
        config.setSchema(null);
        config.setAuthenticationRequiredOperationTypes(OperationType.SEARCH);
        config.setListenerConfigs(
                InMemoryListenerConfig.createLDAPConfig("plain", InetAddress.getLoopbackAddress(), 0,
                        tls.createSSLSocketFactory()),
                InMemoryListenerConfig.createLDAPSConfig("tls", InetAddress.getLoopbackAddress(), 0,
                        tls.createSSLServerSocketFactory(), null));
        server = new InMemoryDirectoryServer(config);
        server.startListening();
        server.addEntries(ENTRIES);
        person("dir-anna", "anna@plant.example", "cn=iot-viewers,ou=groups,dc=plant");
        person("dir-vera", "vera@plant.example", "cn=IoT-Viewers,ou=groups,dc=plant");
        person("dir-eve", "eve@plant.example", "cn=iot-admins,ou=people,dc=plant");

        var sessions = sessions(directory());
        var tokens = tokens();
        listener = new HttpListener(new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, 100, Duration.ofSeconds(5),
                Duration.ofSeconds(2), List.of()), clock, List.of(sessions::caller, AdminToken.given(ADMIN)::caller),
                List.of(new AccessRoutes(sessions, users, tokens), new OidcRoutes(sessions, Optional.empty()),
                        new UserRoutes(users, new Roles(database, memory, audit, clock), organizations, clock)));
        contract = new OpenApiContract(URI.create("http://127.0.0.1:" + listener.port()));
    }

    @AfterAll
    static void stop() {
        client.shutdownNow();
        if (contract != null) contract.close();
        if (listener != null) listener.close();
        if (server != null) server.shutDown(true);
    }

    private static void keytool(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", "changeit"));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static void person(String uid, String mail, String group) throws Exception {
        server.add("dn: uid=" + uid + ",ou=people,dc=plant", "objectClass: inetOrgPerson", "uid: " + uid,
                "cn: " + uid, "sn: " + uid, "mail: " + mail, "memberOf: " + group, "userPassword: " + PASSWORD);
    }

    private static AccessTokens tokens() {
        var config = AccessConfig.standard();
        return new AccessTokens(new SigningKeys(database, SharedDatabase.keyRing(), memory, config, clock), config,
                clock);
    }

    private static Sessions sessions(Optional<Directory> directory) {
        var config = new AccessConfig(Duration.ofMinutes(15), Duration.ofDays(30), Duration.ofHours(12), 10_000,
                Duration.ofSeconds(1));
        return new Sessions(database, SharedDatabase.keyRing(), memory, users, tokens(), directory, config, clock);
    }

    /// @param others settings instead of the usual ones
    private static Optional<Directory> directory(String... others) {
        var settings = new HashMap<>(Map.of("ldap.url", "ldap://127.0.0.1:" + server.getListenPort("plain"),
                "ldap.bind_dn", "cn=service,dc=plant", "ldap.bind_password", "service password",
                "ldap.user_base", "ou=people,dc=plant", "ldap.user_filter", "(|(uid={0})(mail={0}))",
                "ldap.group_base", "ou=groups,dc=plant", "ldap.group_filter", "(member={0})",
                "ldap.roles", "IOT-admins=admin,iot-viewers=viewer"));
        for (var other : others) {
            settings.put(other.substring(0, other.indexOf('=')), other.substring(other.indexOf('=') + 1));
        }
        return Directory.of(config(settings).ldap(), organizations);
    }

    private static PlatformConfig config(Map<String, String> settings) {
        return PlatformConfig.read(folder.resolve("none.yaml"), Map.of(), settings);
    }

    private static Answer call(String method, String path, String body, String authorization) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                .timeout(Duration.ofSeconds(20)).header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) request.header("Authorization", authorization);
        try {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            var operation = contract.operations().stream().filter(it -> it.toString().equals(method + " "
                    + path.replaceAll("/[0-9]+", "/{user}"))).findFirst().orElseThrow();
            assertThat(contract.differences(operation, answer)).as(path).isEmpty();
            return new Answer(answer.statusCode(), answer.body().isEmpty() ? Json.mapper().nullNode()
                    : Json.mapper().readTree(answer.body()));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer signIn(String name, String password, String... totp) {
        var body = Json.mapper().createObjectNode().put("username", name).put("password", password);
        if (totp.length > 0) body.put("totp", totp[0]);
        return call("POST", "/api/v1/auth/login", body.toString(), "");
    }

    private static Answer me(Answer session) {
        assertThat(session.status()).as(session.body().toString()).isEqualTo(200);
        return call("GET", "/api/v1/auth/me", "", "Bearer " + session.text("access_token"));
    }

    @Test
    void whoeverTheDirectoryKnowsIsMadeAUserWithTheRoleOfHisGroups() {
        var me = me(signIn("dir-anna", PASSWORD));
        assertThat(me.text("role")).as("the first line that fits, by a group that was looked up").isEqualTo("admin");
        assertThat(me.text("origin")).isEqualTo("ldap");
        assertThat(me.text("name")).isEqualTo("dir-anna");
        assertThat(me(signIn("DIR-ANNA", PASSWORD)).body()).as("the same user").isEqualTo(me.body());
        assertThat(me(signIn("anna@plant.example", PASSWORD)).body()).as("by another of his names")
                .isEqualTo(me.body());
        assertThat(me(signIn("dir-vera", PASSWORD)).text("role")).isEqualTo("viewer");
    }

    @Test
    void whatIsWrongLooksAlikeAndNothingThatIsTypedIsMoreThanText() {
        var wrong = signIn("dir-vera", "not the directory's");
        assertThat(wrong.status()).isEqualTo(401);
        for (var name : List.of("dir-nobody", "*", "dir-vera)(uid=*", "dir-v*", "dir-vera\u0000", " dir-vera",
                "dir-vera ", "uid=dir-vera,ou=people,dc=plant", "service", "*)(|(uid=*", "")) {
            assertThat(signIn(name, PASSWORD).body()).as(name).isEqualTo(wrong.body());
        }
        assertThat(signIn("dir-vera", "").body()).as("a bind without password").isEqualTo(wrong.body());
        assertThat(signIn("dir-vera", "x".repeat(2_000)).body()).isEqualTo(wrong.body());
        assertThat(me(signIn("dir-vera", PASSWORD)).status()).isEqualTo(200);
    }

    @Test
    void aGroupThatStandsElsewhereGivesNothing() {
        var answer = signIn("dir-eve", PASSWORD);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.text("code")).isEqualTo("forbidden");
    }

    @Test
    void theRoleFollowsTheGroupsAtEachSignIn() throws Exception {
        person("dir-otto", "otto@plant.example", "cn=iot-admins,ou=groups,dc=plant");
        var session = signIn("dir-otto", PASSWORD);
        assertThat(me(session).text("role")).isEqualTo("admin");
        server.modify("dn: uid=dir-otto,ou=people,dc=plant", "changetype: modify", "replace: memberOf",
                "memberOf: cn=iot-viewers,ou=groups,dc=plant");
        signIn("dir-otto", PASSWORD);
        assertThat(me(session).text("role")).as("at once, in every session").isEqualTo("viewer");
    }

    @Test
    void usersOfThePlatformGoBeforeAndAreNeverTakenOver() throws Exception {
        person("dir-local", "local@plant.example", "cn=iot-admins,ou=groups,dc=plant");
        call("POST", "/api/v1/users", "{\"name\":\"dir-Local\",\"password\":\"" + OWN + "\",\"role\":\"viewer\"}",
                "admin " + ADMIN);
        assertThat(signIn("dir-local", PASSWORD).text("code")).isEqualTo("sign_in_refused");
        assertThat(me(signIn("dir-local", OWN)).text("origin")).isEqualTo("local");
        assertThat(signIn("local@plant.example", PASSWORD).text("code")).isEqualTo("name_taken");
    }

    @Test
    void anotherPersonWhoIsGivenTheNameIsAnotherPerson() throws Exception {
        person("dir-gone", "gone@plant.example", "cn=iot-admins,ou=groups,dc=plant");
        me(signIn("dir-gone", PASSWORD));
        server.delete("uid=dir-gone,ou=people,dc=plant");
        assertThat(signIn("dir-gone", PASSWORD).text("code")).isEqualTo("sign_in_refused");
        person("dir-gone", "gone@plant.example", "cn=iot-admins,ou=groups,dc=plant");
        assertThat(signIn("dir-gone", PASSWORD).text("code")).isEqualTo("name_taken");
    }

    @Test
    void wrongPasswordsLockTheUserUnderEachOfHisNames() throws Exception {
        person("dir-lock", "lock@plant.example", "cn=iot-viewers,ou=groups,dc=plant");
        me(signIn("dir-lock", PASSWORD));
        for (var i = 0; i < 5; i++) assertThat(signIn("dir-lock", "wrong").status()).isEqualTo(401);
        assertThat(signIn("dir-lock", PASSWORD).text("code")).isEqualTo("rate_limited");
        assertThat(signIn("lock@plant.example", PASSWORD).text("code")).isEqualTo("rate_limited");
        ahead = ahead.plusSeconds(31);
        assertThat(me(signIn("lock@plant.example", PASSWORD)).status()).isEqualTo(200);
        assertThat(signIn("dir-lock", "wrong").status()).as("counts from the start again").isEqualTo(401);
        for (var i = 0; i < 5; i++) assertThat(signIn("dir-unheard-of", "wrong").status()).isEqualTo(401);
        assertThat(signIn("dir-unheard-of", "wrong").text("code")).isEqualTo("rate_limited");
    }

    @Test
    void theSecondFactorIsAskedForAndCannotBeTriedOutUnderAnotherName() throws Exception {
        person("dir-totp", "totp@plant.example", "cn=iot-viewers,ou=groups,dc=plant");
        var bearer = "Bearer " + signIn("dir-totp", PASSWORD).text("access_token");
        var secret = SignInTest.secret(call("POST", "/api/v1/auth/totp", "", bearer).text("secret"));
        call("POST", "/api/v1/auth/totp/confirm", "{\"code\":\"" + code(secret) + "\"}", bearer);
        assertThat(signIn("dir-totp", PASSWORD).text("code")).isEqualTo("totp_required");
        ahead = ahead.plusSeconds(30);
        assertThat(me(signIn("dir-totp", PASSWORD, code(secret))).status()).isEqualTo(200);
        for (var i = 0; i < 5; i++) {
            assertThat(signIn("totp@plant.example", PASSWORD).text("code")).isEqualTo("totp_required");
            assertThat(signIn("totp@plant.example", PASSWORD, "000000").text("code")).isEqualTo("sign_in_refused");
        }
        assertThat(signIn("totp@plant.example", PASSWORD, "000000").text("code")).isEqualTo("rate_limited");
        assertThat(signIn("dir-totp", PASSWORD).text("code")).isEqualTo("rate_limited");
    }

    private static String code(byte[] secret) {
        return Totp.code(secret, Totp.stepAt(clock.instant()), 6);
    }

    @Test
    void hisPasswordIsChangedInTheDirectoryOnlyUnlessTheOperatorMakesHimThePlatformsOwn() throws Exception {
        person("dir-pass", "pass@plant.example", "cn=iot-viewers,ou=groups,dc=plant");
        var session = signIn("dir-pass", PASSWORD);
        var change = call("POST", "/api/v1/auth/password",
                "{\"password\":\"" + PASSWORD + "\",\"new_password\":\"" + OWN + "\"}",
                "Bearer " + session.text("access_token"));
        assertThat(change.status()).isEqualTo(409);
        assertThat(change.text("detail")).contains("directory");
        var path = "/api/v1/users/" + me(session).text("user_id");
        assertThat(call("POST", path + "/password", "{\"password\":\"" + OWN + "\"}", "admin " + ADMIN).status())
                .isEqualTo(409);
        call("PUT", path, "{\"disabled\":true}", "admin " + ADMIN);
        assertThat(signIn("dir-pass", PASSWORD).text("code")).isEqualTo("sign_in_refused");
        users.restore("dir-pass", OWN);
        memory.missed();
        assertThat(me(signIn("dir-pass", OWN)).text("origin")).isEqualTo("local");
        assertThat(signIn("dir-pass", PASSWORD).text("code")).isEqualTo("sign_in_refused");
    }

    @Test
    void whileTheDirectoryIsAwayUsersOfThePlatformSignInAndOthersAreToldSo() throws Exception {
        users.restore("dir-operator", OWN);
        int closed;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        var sessions = sessions(directory("ldap.url=ldap://127.0.0.1:" + closed));
        assertThat(sessions.signIn("127.0.0.1", "dir-operator", OWN, "").accessToken()).isNotEmpty();
        for (var i = 0; i < 7; i++) {
            assertThatThrownBy(() -> sessions.signIn("127.0.0.1", "dir-away", PASSWORD, ""))
                    .as("which is nobody's wrong attempt").isInstanceOfSatisfying(PlatformException.class, refusal -> {
                        assertThat(refusal.code()).isEqualTo(ErrorCode.SIGN_IN_UNAVAILABLE);
                        assertThat(refusal.retryAfter()).isPresent();
                    });
        }
        var misconfigured = sessions(directory("ldap.bind_password=another"));
        assertThatThrownBy(() -> misconfigured.signIn("127.0.0.1", "dir-vera", PASSWORD, ""))
                .isInstanceOfSatisfying(PlatformException.class, refusal ->
                        assertThat(refusal.code()).isEqualTo(ErrorCode.SIGN_IN_UNAVAILABLE));
    }

    @Test
    void overTlsOnlyADirectoryWithATrustedCertificateIsAsked() {
        var trusted = "ldap.ca_file=" + folder.resolve("ca.pem");
        var plain = "ldap.url=ldap://localhost:" + server.getListenPort("plain");
        var tls = "ldap.url=ldaps://localhost:" + server.getListenPort("tls");
        assertThat(directory(plain, "ldap.start_tls=true", trusted).orElseThrow().prove("dir-vera", PASSWORD))
                .isPresent();
        assertThat(directory(tls, trusted).orElseThrow().prove("dir-vera", PASSWORD)).isPresent();
        var otherName = tls.replace("localhost", "127.0.0.1");
        for (var settings : List.of(new String[] {plain, "ldap.start_tls=true"}, new String[] {tls},
                new String[] {otherName, trusted})) {
            var directory = directory(settings).orElseThrow();
            assertThatThrownBy(() -> directory.prove("dir-vera", PASSWORD)).isInstanceOf(PlatformException.class);
        }
    }

    @Test
    void everyMistakeInTheConfigurationIsNamedAtOnce() {
        assertThatThrownBy(() -> config(Map.of("ldap.url", "ldap://ldap.example.org", "ldap.user_filter", "(uid=x)",
                "ldap.bind_dn", "cn=service", "ldap.roles", "admins=admin,nonsense",
                "oidc.issuer", "http://id.example.org", "oidc.base_url", "https://iot.example.org/x",
                "oidc.scopes", "profile"))).hasMessageContaining("ldap.url: passwords would cross the network in clear")
                .hasMessageContaining("ldap.user_filter must").hasMessageContaining("ldap.user_base must")
                .hasMessageContaining("ldap.bind_dn and ldap.bind_password").hasMessageContaining("nonsense; write")
                .hasMessageContaining("ldap.group_base must").hasMessageContaining("oidc.issuer must")
                .hasMessageContaining("oidc.base_url must").hasMessageContaining("oidc.client_id is missing")
                .hasMessageContaining("openid among").hasMessageContaining("set oidc.roles, or oidc.default_role");
        assertThatThrownBy(() -> directory("ldap.organization=77")).hasMessageContaining("ldap.organization is 77");
        assertThatThrownBy(() -> directory("ldap.ca_file=/nowhere")).hasMessageContaining("ldap.ca_file = /nowhere");
    }
}
