package io.iotflow.server.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.mqtt.Downlink.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Commands between the platform, the broker and connections that come and go, in whatever order.
class DownlinkTest {
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final Duration LEASE = Duration.ofSeconds(30);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Downlink downlink = new Downlink(() -> now);
    private final List<String> told = new ArrayList<>();
    /// Copies that the broker may bring, of each command as many as were published.
    private final List<UUID> copies = new ArrayList<>();
    private final Map<String, UUID> names = new HashMap<>();

    DownlinkTest() {
        downlink.open((_, content, _) -> copies.add(UUID.fromString(new String(content))));
        downlink.report(new Downlink.Reports() {
            @Override
            public void listening(DeviceId device) {
                told.add("listening");
            }

            @Override
            public void acknowledged(UUID command, Downlink.Receipt receipt) {
                told.add("acknowledged " + command);
            }

            @Override
            public void refused(UUID command, int reason, Downlink.Receipt receipt) {
                told.add("refused " + command);
            }

            @Override
            public void unacknowledged(UUID command) {
                told.add("unacknowledged " + command);
            }

            @Override
            public void lost(UUID command) {
                told.add("lost " + command);
            }
        });
    }

    private DeviceCommands connection() {
        return new DeviceCommands(downlink, null, DEVICE, null, "client", new Calls());
    }

    private UUID send(String name) {
        var id = names.computeIfAbsent(name, _ -> new UUID(1, names.size()));
        downlink.send(DEVICE, id, id.toString().getBytes(), now.plusSeconds(600), LEASE);
        return id;
    }

    private Verdict goesOut(UUID command, DeviceCommands carrier) {
        return downlink.goesOut(command, DEVICE, carrier);
    }

    @Test
    void aCommandGoesOutOnceHoweverManyCopiesThereAre() {
        var one = connection();
        downlink.listens(DEVICE);
        var command = send("a");
        assertThat(goesOut(command, one)).isEqualTo(Verdict.PASSES);
        assertThat(goesOut(command, one)).isEqualTo(Verdict.STAYS);
        assertThat(goesOut(command, connection())).isEqualTo(Verdict.STAYS);
        assertThat(goesOut(new UUID(9, 9), one)).as("not ours").isEqualTo(Verdict.FOREIGN);
        assertThat(downlink.withdraw(command)).isFalse();
        downlink.acknowledged(command, new Downlink.Receipt(1, "c", "x"));
        assertThat(goesOut(command, one)).isEqualTo(Verdict.STAYS);
        downlink.acknowledged(command, new Downlink.Receipt(1, "c", "x"));
        assertThat(told).containsExactly("listening", "acknowledged " + command);
    }

    @Test
    void whatWasTakenBackOrHasExpiredStays() {
        downlink.listens(DEVICE);
        var taken = send("taken");
        assertThat(downlink.withdraw(taken)).isTrue();
        assertThat(downlink.withdraw(taken)).isFalse();
        assertThat(goesOut(taken, connection())).isEqualTo(Verdict.STAYS);
        var late = send("late");
        now = now.plusSeconds(600);
        assertThat(goesOut(late, connection())).isEqualTo(Verdict.STAYS);
    }

    @Test
    void whatNobodyTakesIsLost() {
        var command = send("a");
        var one = connection();
        downlink.listens(DEVICE);
        var waiting = send("b");
        var out = send("c");
        goesOut(out, one);
        downlink.leaves(DEVICE, one, true, true);
        assertThat(told).containsExactlyInAnyOrder("lost " + command, "listening", "lost " + waiting, "lost " + out);
        assertThat(downlink.isListening(DEVICE)).isFalse();
        assertThat(downlink.underWay(DEVICE)).isZero();
    }

    @Test
    void oldOnesAreForgottenWhenTheBrokerCannotHaveThem() {
        downlink.listens(DEVICE);
        var command = send("a");
        downlink.withdraw(command);
        now = now.plus(LEASE);
        downlink.forgetOld();
        assertThat(goesOut(command, connection())).isEqualTo(Verdict.STAYS);
        now = now.plusSeconds(61);
        downlink.forgetOld();
        assertThat(goesOut(command, connection())).isEqualTo(Verdict.FOREIGN);
    }

    /// Each send ends in exactly one way, and goes out once at the most. `-Diotflow.seed` tells one run again.
    @Test
    void everySendHasOneEndWhateverTheOrder() {
        var random = new Random(Long.getLong("iotflow.seed", 20_260_306));
        var open = new ArrayList<DeviceCommands>();
        Map<UUID, Integer> sends = new HashMap<>();
        Map<UUID, Integer> passed = new HashMap<>();
        Map<UUID, Integer> withdrawn = new HashMap<>();
        Set<UUID> out = new HashSet<>();
        for (var step = 0; step < 20_000; step++) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    open.add(connection());
                    downlink.listens(DEVICE);
                }
                case 1 -> {
                    if (open.isEmpty()) break;
                    var ended = open.remove(random.nextInt(open.size()));
                    downlink.leaves(DEVICE, ended, true, true);
                }
                case 2 -> {
                    var id = names.computeIfAbsent("c" + random.nextInt(50), _ -> new UUID(1, names.size()));
                    if (downlink.isUnderWay(id)) break;
                    downlink.send(DEVICE, id, id.toString().getBytes(), now.plusSeconds(1_000_000), LEASE);
                    sends.merge(id, 1, Integer::sum);
                }
                case 3 -> {
                    if (copies.isEmpty() || open.isEmpty()) break;
                    var id = copies.get(random.nextInt(copies.size()));
                    if (goesOut(id, open.get(random.nextInt(open.size()))) == Verdict.PASSES) {
                        passed.merge(id, 1, Integer::sum);
                    }
                }
                case 4 -> {
                    for (var id : names.values()) if (downlink.isOut(id)) out.add(id);
                    if (out.isEmpty()) break;
                    downlink.acknowledged(out.iterator().next(), new Downlink.Receipt(1, "c", "x"));
                }
                default -> {
                    if (names.isEmpty()) break;
                    var id = List.copyOf(names.values()).get(random.nextInt(names.size()));
                    if (downlink.withdraw(id)) withdrawn.merge(id, 1, Integer::sum);
                }
            }
            out.clear();
        }
        open.forEach(one -> downlink.leaves(DEVICE, one, true, true));
        for (var id : sends.keySet()) {
            var ends = told.stream().filter(it -> it.endsWith(" " + id)).count() + withdrawn.getOrDefault(id, 0);
            assertThat(ends).as("ends of " + id).isEqualTo((long) sends.get(id));
            assertThat(passed.getOrDefault(id, 0)).isLessThanOrEqualTo(sends.get(id));
        }
        assertThat(passed).isNotEmpty();
        assertThat(downlink.underWay(DEVICE)).isZero();
    }
}
