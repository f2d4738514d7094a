package io.iotflow.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Sealed;
import io.iotflow.protocol.Value.Text;
import io.iotflow.protocol.Value.Whole;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.ingest.DeviceEvent.HeartbeatReceived;
import io.iotflow.server.ingest.DeviceEvent.TelemetryReceived;
import io.iotflow.server.live.LiveEvent.Type;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LiveFeedTest {
    private static final DeviceId ONE = new DeviceId(1);
    private static final DeviceId TWO = new DeviceId(2);
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SHORT = Duration.ofMillis(1);

    private final AtomicInteger names = new AtomicInteger();
    private final LiveFeed feed = feed(NOW);

    private LiveFeed feed(Instant start) {
        return new LiveFeed(id -> {
            names.incrementAndGet();
            return new LiveEvent.Origin("device-" + id, OrganizationPath.ROOT);
        }, LiveFeedTest::opened, InstantSource.fixed(start));
    }

    private static Optional<Value> opened(DeviceId device, String metric, long time, Sealed sealed) {
        return sealed.envelope().equals("broken") ? Optional.empty() : Optional.of(new Text(sealed.envelope()));
    }

    private void beat(LiveFeed feed, int times) {
        for (int i = 0; i < times; i++) feed.on(new HeartbeatReceived(ONE, i));
    }

    /// Everything that waits for the reader.
    private record Heard(long dropped, List<LiveEvent> events) {}

    private static Heard drain(Subscription subscription) throws InterruptedException {
        var events = new ArrayList<LiveEvent>();
        long dropped = 0;
        while (true) {
            var next = subscription.next(SHORT);
            if (next.events().isEmpty() && next.dropped() == 0) return new Heard(dropped, events);
            dropped += next.dropped();
            events.addAll(next.events());
        }
    }

    @Test
    void costsNothingWhileNobodyListens() {
        beat(feed, 100);
        feed.presenceChanged(ONE, true);
        feed.deviceRegistered(ONE, "active");
        assertThat(feed.published()).isZero();
        assertThat(names).hasValue(0);
    }

    @Test
    void eventsHaveTheFieldsThatReadersExpect() throws Exception {
        try (var all = feed.subscribe(Filter.ALL)) {
            feed.deviceRegistered(ONE, "provisioning");
            feed.deviceChanged(ONE, "quarantined");
            feed.presenceChanged(ONE, true);
            feed.presenceChanged(ONE, false);
            feed.commandChanged(ONE, "c-1", "restart", "sent", OptionalLong.of(7));
            var begin = "\"device_id\":1,\"device_name\":\"device-1\",\"timestamp\":\"2026-03-01T12:00:00Z\",";
            assertThat(drain(all).events().stream().map(event -> event.json(false))).containsExactly(
                    "{\"type\":\"device\"," + begin + "\"event\":\"registered\",\"status\":\"provisioning\"}",
                    "{\"type\":\"device\"," + begin + "\"event\":\"updated\",\"status\":\"quarantined\"}",
                    "{\"type\":\"device\"," + begin + "\"event\":\"online\",\"is_online\":true}",
                    "{\"type\":\"device\"," + begin + "\"event\":\"offline\",\"is_online\":false}",
                    "{\"type\":\"command\"," + begin
                            + "\"event\":\"sent\",\"command_id\":\"c-1\",\"command\":\"restart\",\"job_id\":7}");
        }
    }

    @Test
    void aReaderHearsWhatItAskedFor() throws Exception {
        try (var commands = feed.subscribe(new Filter(OrganizationPath.ROOT, Set.of(Type.COMMAND), Set.of(), false));
                var two = feed.subscribe(new Filter(OrganizationPath.ROOT, Set.of(), Set.of(TWO), false))) {
            beat(feed, 3);
            feed.commandChanged(ONE, "a", "restart", "sent", OptionalLong.empty());
            feed.commandChanged(TWO, "b", "restart", "sent", OptionalLong.empty());
            assertThat(drain(commands).events()).hasSize(2);
            assertThat(drain(two).events()).singleElement().satisfies(it -> assertThat(it.device()).isEqualTo(TWO));
        }
    }

    @Test
    void aSlowReaderIsToldHowManyItMissed() throws Exception {
        try (var slow = feed.subscribe(Filter.ALL)) {
            beat(feed, Limits.LIVE_QUEUE + 123);
            var heard = drain(slow);
            assertThat(heard.dropped()).isEqualTo(123);
            assertThat(heard.events()).hasSize(Limits.LIVE_QUEUE);
        }
    }

    @Test
    void aReaderThatComesBackMissesNothingThatIsRemembered() throws Exception {
        long last;
        try (var first = feed.subscribe(Filter.ALL)) {
            beat(feed, 10);
            last = drain(first).events().getLast().sequence();
        }
        beat(feed, 5_000);
        try (var again = feed.subscribe(Filter.ALL, last)) {
            beat(feed, 10);
            var heard = drain(again);
            assertThat(heard.dropped()).isZero();
            assertThat(heard.events().stream().map(LiveEvent::sequence)).isSorted().doesNotHaveDuplicates()
                    .hasSize(5_010).first().isEqualTo(last + 1);
        }
    }

    @Test
    void aReaderThatWasAwayTooLongIsToldSo() throws Exception {
        long last;
        try (var first = feed.subscribe(Filter.ALL)) {
            beat(feed, 1);
            last = drain(first).events().getLast().sequence();
            beat(feed, Limits.LIVE_HISTORY + 7);
        }
        try (var again = feed.subscribe(Filter.ALL, last)) {
            var heard = drain(again);
            assertThat(heard.dropped()).isEqualTo(7);
            assertThat(heard.events()).hasSize(Limits.LIVE_HISTORY);
        }
    }

    @Test
    void aNumberOfAnEarlierRunIsKnownToBeOld() throws Exception {
        long last;
        try (var first = feed.subscribe(Filter.ALL)) {
            beat(feed, 50);
            last = drain(first).events().getLast().sequence();
        }
        var restarted = feed(NOW.plusSeconds(1));
        try (var again = restarted.subscribe(Filter.ALL, last)) {
            beat(restarted, 2);
            var heard = drain(again);
            assertThat(heard.dropped()).isEqualTo(1);
            assertThat(heard.events()).hasSize(2);
        }
    }

    @Test
    void whatWasErasedIsNotRemembered() throws Exception {
        try (var _ = feed.subscribe(Filter.ALL)) {
            for (var device : List.of(ONE, TWO, ONE)) {
                feed.on(new TelemetryReceived(device, 5, List.of(new Measurement("t", 5, new Whole(1)))));
            }
            feed.presenceChanged(ONE, true);
            feed.forgetTelemetry(ONE);
        }
        try (var again = feed.subscribe(Filter.ALL, 0)) {
            assertThat(drain(again).events()).extracting(it -> it.type().word() + " " + it.device())
                    .containsExactly("telemetry 2", "device 1");
        }
    }

    @Test
    void aSealedValueIsShownToReadersWhoMaySeeIt() throws Exception {
        try (var subscription = feed.subscribe(Filter.ALL)) {
            feed.on(new TelemetryReceived(ONE, 5, List.of(new Measurement("t", 5, new Whole(1)),
                    new Measurement("name", 5, new Sealed(Value.Type.TEXT, "anna")),
                    new Measurement("pulse", 5, new Sealed(Value.Type.TEXT, "broken")))));
            var event = drain(subscription).events().getFirst();
            assertThat(event.json(false)).contains("\"data\":{\"t\":1,\"name\":null,\"pulse\":null},"
                    + "\"hidden\":[\"name\",\"pulse\"]}").doesNotContain("anna");
            assertThat(event.json(true)).contains("\"data\":{\"t\":1,\"name\":\"anna\",\"pulse\":null},"
                    + "\"unreadable\":[\"pulse\"]}");
        }
    }

    @Test
    void aClosedSubscriptionEnds() throws Exception {
        var subscription = feed.subscribe(Filter.ALL);
        beat(feed, 1);
        subscription.close();
        assertThat(subscription.next(SHORT)).isNull();
        assertThat(feed.readers()).isZero();
    }
}
