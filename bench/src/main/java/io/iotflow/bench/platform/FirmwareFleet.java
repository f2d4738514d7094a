package io.iotflow.bench.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.iotflow.bench.load.Device;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Devices that fetch and install the firmware that they are offered, as devices do over HTTP: ask, download, check the
/// hash, report each step. Many of them share a few connections.
public final class FirmwareFleet {
    private static final int AT_ONCE = 32;
    /// A rollout that halts takes back what it has offered.
    private static final int CALLED_BACK = 404;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration NAP = Duration.ofMillis(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConcurrentLinkedQueue<Device> idle;
    private final Predicate<Device> fails;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong updates = new AtomicLong();

    /// @param fails which devices cannot install what they have downloaded
    public FirmwareFleet(URI base, List<Device> devices, Predicate<Device> fails) {
        this.base = base;
        this.idle = new ConcurrentLinkedQueue<>(devices);
        this.fails = fails;
    }

    /// Until the condition holds.
    public void work(BooleanSupplier isOver) throws IOException, InterruptedException {
        var workers = IntStream.range(0, AT_ONCE).boxed().toList();
        Crowd.each(workers, AT_ONCE, worker -> {
            while (!isOver.getAsBoolean()) {
                var device = idle.poll();
                if (device == null || !isUpdated(device)) LockSupport.parkNanos(NAP.toNanos());
                if (device != null) idle.add(device);
            }
            return worker;
        });
    }

    private boolean isUpdated(Device device) throws IOException, InterruptedException {
        var offer = JSON.readTree(call(device, "GET", "", null)).path("update");
        if (offer.isNull()) return false;
        var image = answer(device, "GET", "/download", null);
        if (image.statusCode() == CALLED_BACK) return false;
        bytes.addAndGet(image.body().length);
        if (!sha256(image.body()).equals(offer.path("sha256").asText())) {
            throw new IOException("another image was offered");
        }
        report(device, offer, "downloaded", ",\"sha256\":\"" + offer.path("sha256").asText() + "\"");
        report(device, offer, "installing", "");
        if (fails.test(device)) {
            report(device, offer, "failed", ",\"detail\":\"does not boot\"");
        } else {
            report(device, offer, "installed", ",\"firmware_version\":\"" + offer.path("version").asText() + "\"");
        }
        updates.incrementAndGet();
        return true;
    }

    private void report(Device device, JsonNode offer, String status, String more)
            throws IOException, InterruptedException {
        call(device, "POST", "/status", "{\"status\":\"" + status + "\",\"update_id\":" + offer.path("update_id")
                + more + "}");
    }

    private byte[] call(Device device, String method, String path, String body)
            throws IOException, InterruptedException {
        var answer = answer(device, method, path, body);
        if (answer.statusCode() == 200) return answer.body();
        throw new IOException(method + " " + path + " was answered " + answer.statusCode());
    }

    private HttpResponse<byte[]> answer(Device device, String method, String path, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(base.resolve("/api/v1/devices/firmware" + path)).timeout(PATIENCE)
                .header("X-API-Key", device.apiKey()).header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
        return client.send(request, BodyHandlers.ofByteArray());
    }

    public static String sha256(byte[] image) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every Java has SHA-256", e);
        }
    }

    /// Bytes of images that were downloaded.
    public long bytes() {
        return bytes.get();
    }

    /// Updates that have come to an end, of whichever kind.
    public long updates() {
        return updates.get();
    }
}
