package io.iotflow.server.ingest.http;

import static io.iotflow.server.core.Actor.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.HttpConfig;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.NothingSealed;
import io.iotflow.server.ingest.Processing;
import io.iotflow.server.ingest.Tracing;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.journal.JournalConfig;
import io.iotflow.server.journal.JournalConfig.Durability;
import io.iotflow.server.live.LivePlatform;
import io.iotflow.server.telemetry.TelemetryConfig;
import io.iotflow.server.telemetry.TelemetryStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A store that is far too slow, behind a small log.
class OverloadTest {
    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    Path folder;

    @Test
    void aFullLogIsToldWithTheTimeToComeBackAndLosesNothing() {
        try (var platform = new LivePlatform(folder, Map.of("bench.store", "slow", "journal.segment_mib", "2",
                "journal.budget_mib", "6", "journal.buffer_mib", "2", "journal.durability", "os"))) {
            var device = platform.register("flood");
            var text = IntStream.range(0, 12).mapToObj(n -> "\"text" + n + "\":\"" + "x".repeat(16_000) + "\",")
                    .collect(Collectors.joining());
            var kept = 0;
            LivePlatform.Answer answer;
            do {
                answer = platform.as(device, "POST", "/api/v1/telemetry",
                        "{" + text + "\"n\":" + kept + ",\"ts\":" + (1_767_225_600_000L + kept) + "}");
                if (answer.status() == 201) kept++;
            } while (answer.status() == 201 && kept < 1_000);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body().path("code").asText()).isEqualTo("overloaded");
            assertThat(answer.whole().headers().firstValue("Retry-After")).contains("1");
            var deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            do {
                answer = platform.as(device, "GET", "/api/v1/telemetry/flood/aggregated?start_time=0&window=1d"
                        + "&field=n&aggregation=count", null);
            } while ((answer.body().has("stale_by_ms") || answer.status() != 200) && System.nanoTime() < deadline);
            long stored = 0;
            for (var row : answer.body().path("data")) stored += row.path("value").asLong();
            assertThat(stored).isEqualTo(kept);
        }
    }

    /// Nobody follows this log, so that what is full stays full.
    @Test
    void aBatchWaitsForRoomOnceAndNotForEachRecord() throws Exception {
        var database = SharedDatabase.open();
        var devices = new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(),
                new Audit(database, CLOCK), CLOCK);
        var device = devices.register(PLATFORM, "overload-" + System.nanoTime(), Profile.of("test"),
                DeviceStatus.ACTIVE).device();
        try (var store = TelemetryStore.open(TelemetryConfig.USUAL, folder.resolve("store"), CLOCK);
                var journal = Journal.open(new JournalConfig(Durability.OS, 2, 6, 2), folder.resolve("journal"))) {
            var ingest = new Ingest(TelemetryLimits.STANDARD, store.series(), Processing.NOTHING, new NothingSealed(),
                    Tracing.NOTHING, journal, true, CLOCK);
            var http = new HttpConfig("127.0.0.1", 0, List.of(), 64, 4, 1_000, Duration.ofSeconds(30),
                    Duration.ofSeconds(2), List.of());
            var caller = new Caller.Device(device.id(), device.name(), device.organization());
            try (var listener = new HttpListener(http, CLOCK, List.of((_, _) -> Optional.of(caller)),
                    List.of(new IngestRoutes(ingest, devices, TelemetryLimits.STANDARD.payloadBytes(),
                            TelemetryLimits.STANDARD.recordsPerMessage())));
                    var client = HttpClient.newHttpClient()) {
                fill(journal);
                var began = System.nanoTime();
                var refused = batch(client, listener, "{\"t\":1}\n".repeat(50));
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).contains("1");
                assertThat(refused.body()).contains("\"overloaded\"");
                var mixed = batch(client, listener, "{\"t\":1}\n[1]\n{\"t\":2}\n");
                assertThat(mixed.statusCode()).isEqualTo(503);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
                journal.trim(journal.committed());
                assertThat(batch(client, listener, "{\"t\":1}\n").statusCode()).isEqualTo(201);
            }
        }
    }

    private static HttpResponse<String> batch(HttpClient client, HttpListener listener, String body) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port()
                        + "/api/v1/telemetry/batch")).header("X-API-Key", "key").header("Content-Type",
                        "application/x-ndjson").POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    /// A refusal can be momentary while a file is prepared, so it asks until it was refused for a while.
    private static void fill(Journal journal) throws InterruptedException {
        for (var size : new int[] {100_000, 1_000, 8}) {
            var refusedSince = 0L;
            while (refusedSince == 0 || System.nanoTime() - refusedSince < 500_000_000L) {
                var position = journal.append(ByteBuffer.allocate(size));
                if (position == Journal.FULL) {
                    if (refusedSince == 0) refusedSince = System.nanoTime();
                    journal.awaitChange(5);
                } else {
                    refusedSince = 0;
                    journal.awaitCommitted(position);
                }
            }
        }
    }
}
