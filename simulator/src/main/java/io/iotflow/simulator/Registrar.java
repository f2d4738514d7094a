package io.iotflow.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Gets each device its identity: kept from an earlier run, or by registering over HTTP. Blocks; one at a time.
final class Registrar {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    /// Tried names for one device with `--auto-suffix`.
    private static final int SUFFIX_MAX = 1_000;
    /// The longest wait that a platform may ask for at once.
    private static final Duration WAIT_MAX = Duration.ofMinutes(10);

    /// @param waited whether the platform asked to wait, so that time has passed
    record Enrolment(Identity identity, boolean waited) {}

    private final HttpClient http;
    private final Target target;
    private final Access access;
    private final KeyFile keys;
    private final Consumer<String> notices;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    Registrar(HttpClient http, Target target, Access access, Consumer<String> notices) {
        this.http = http;
        this.target = target;
        this.access = access;
        this.keys = new KeyFile(access.keyFile(), target.origin());
        this.notices = notices;
    }

    /// @throws SimulationFailure when the device cannot be had
    Enrolment enrol(PlannedDevice device) throws InterruptedException {
        if (access.apiKey().isPresent()) {
            return new Enrolment(new Identity(device.name(), OptionalLong.empty(), access.apiKey().get()), false);
        }
        if (!access.forceRegister()) {
            var kept = keys.find(device.name());
            if (kept.isPresent()) return new Enrolment(kept.get(), false);
        }
        return register(device);
    }

    /// A new identity for a device whose kept key the platform no longer takes.
    Enrolment renew(PlannedDevice device) throws InterruptedException {
        if (access.apiKey().isPresent()) {
            throw new SimulationFailure("The platform does not take the key given with --api-key.");
        }
        return register(device);
    }

    private Enrolment register(PlannedDevice device) throws InterruptedException {
        oneAtATime.lockInterruptibly();
        try {
            return registerUnderSomeName(device);
        } finally {
            oneAtATime.unlock();
        }
    }

    private Enrolment registerUnderSomeName(PlannedDevice device) throws InterruptedException {
        var waited = false;
        for (var suffix = 1; suffix <= SUFFIX_MAX; suffix++) {
            var name = suffix == 1 ? device.name() : device.name() + "-" + suffix;
            var answer = post(target.api("/devices/register"), description(name, device));
            while (isBusy(answer)) {
                waited = true;
                await(retryAfter(answer), name);
                answer = post(target.api("/devices/register"), description(name, device));
            }
            switch (answer.statusCode()) {
                case 200, 201 -> {
                    return new Enrolment(kept(device, name, answer), waited);
                }
                case 409 -> {
                    if (access.forceRegister()) return new Enrolment(rotated(device, name), waited);
                    if (!access.autoSuffix()) throw taken(name);
                }
                default -> throw refused(name, answer);
            }
        }
        throw new SimulationFailure("The name " + device.name() + " and " + (SUFFIX_MAX - 1)
                + " suffixes of it are taken: choose another with --name.");
    }

    private ObjectNode description(String name, PlannedDevice device) {
        var body = Json.object().put("name", name).put("device_type", device.type().word())
                .put("description", "Simulated " + device.type().word().replace('_', ' '))
                .put("firmware_version", PretendDevice.FIRMWARE).put("hardware_version", "simulated");
        body.putObject("metadata").put("simulated", true).put("profile", device.profile().word());
        return body;
    }

    private Identity rotated(PlannedDevice device, String name) throws InterruptedException {
        if (access.operatorToken().isEmpty()) {
            throw new SimulationFailure("The name " + name + " is taken. To give that device a new key, add "
                    + "--operator-token; to use another name, --auto-suffix.");
        }
        var path = "/admin/devices/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        var answer = post(target.api(path + "/api-key"), Json.object());
        if (answer.statusCode() / 100 != 2) throw refused(name, answer);
        return kept(device, name, answer);
    }

    private Identity kept(PlannedDevice device, String askedName, HttpResponse<byte[]> answer) {
        var body = Json.lenient(answer.body());
        var about = body.has("device") ? body.path("device") : body;
        var key = about.path("api_key").asText(body.path("api_key").asText(""));
        if (key.isEmpty()) {
            throw new SimulationFailure("The answer to registering " + askedName + " holds no api_key. Is "
                    + target.origin() + " an IoTFlow platform?");
        }
        var id = Json.id(about);
        var identity = new Identity(about.path("name").asText(askedName), id, key);
        keys.keep(device.name(), identity);
        return identity;
    }

    private HttpResponse<byte[]> post(URI uri, JsonNode body) throws InterruptedException {
        var request = HttpRequest.newBuilder(uri).timeout(ANSWER_WITHIN)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofByteArray(Json.bytes(body)));
        access.operatorToken().ifPresent(token -> request.header("Authorization", authorization(token)));
        access.registrationToken().ifPresent(token -> request.header("X-Provisioning-Key", token));
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new SimulationFailure("Cannot reach the platform at " + target.origin() + ": " + Causes.of(e)
                    + ". Is it running? Start it with ./iotflow run, or name it with --host and --http-port.");
        }
    }

    /// The bootstrap token and a session's token go by different schemes; a JWT is known by its two dots.
    private static String authorization(String token) {
        if (token.startsWith("admin ") || token.startsWith("Bearer ")) return token;
        return (token.chars().filter(c -> c == '.').count() == 2 ? "Bearer " : "admin ") + token;
    }

    private static boolean isBusy(HttpResponse<byte[]> answer) {
        return answer.statusCode() == 429 || answer.statusCode() == 503;
    }

    private void await(Duration wait, String name) throws InterruptedException {
        notices.accept("The platform limits registrations: " + name + " is next in " + Words.of(wait)
                + ". An operator's token (--operator-token) may register without waiting.");
        TimeUnit.MILLISECONDS.sleep(wait.toMillis());
    }

    /// What `Retry-After` asks for in seconds; five seconds when it does not say.
    static Duration retryAfter(HttpResponse<?> answer) {
        var asked = answer.headers().firstValue("Retry-After").filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Math.max(1, Long.parseLong(text)))).orElse(Duration.ofSeconds(5));
        return asked.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : asked;
    }

    private static SimulationFailure taken(String name) {
        return new SimulationFailure("The name " + name + " is taken and its key is not in the key file. Add "
                + "--auto-suffix for " + name + "-2, or --force-register with --operator-token for a new key.");
    }

    private static SimulationFailure refused(String name, HttpResponse<byte[]> answer) {
        var problem = Json.lenient(answer.body());
        var detail = problem.path("detail").asText(problem.path("message").asText("no reason given"));
        var hint = problem.path("hint").asText("");
        return new SimulationFailure("The platform refused to register " + name + " (" + answer.statusCode() + "): "
                + detail + (hint.isEmpty() ? "" : " " + hint));
    }
}
