package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.iotflow.ledger.Entry.Actor;
import io.iotflow.ledger.Entry.ActorType;
import io.iotflow.ledger.Entry.Source;
import io.iotflow.ledger.Entry.Target;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class EntryTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.123456789Z");
    private static final Actor ACTOR = new Actor(ActorType.USER, "7", "Ay\u015fe");
    private static final Target TARGET = new Target("device", "42", "boiler-1");
    private static final Source SOURCE = new Source("192.0.2.1", "http");
    private static final Json.Fields AFTER = fields("status", "active");
    private static final String TEXT = "{\"action\":\"device.registered\","
            + "\"actor\":{\"id\":\"7\",\"name\":\"Ay\u015fe\",\"type\":\"user\"},"
            + "\"after\":{\"status\":\"active\"},\"organization\":3,"
            + "\"source\":{\"address\":\"192.0.2.1\",\"protocol\":\"http\"},"
            + "\"target\":{\"id\":\"42\",\"name\":\"boiler-1\",\"type\":\"device\"},"
            + "\"time\":\"2026-03-01T12:00:00.123456Z\",\"v\":1}";

    private static Json.Fields fields(String name, String value) {
        return new Json.Fields(Map.of(name, new Json.Text(value)));
    }

    private static Entry entry(Json.Fields before, Json.Fields after) {
        return new Entry(TIME, 3, ACTOR, "device.registered", TARGET, SOURCE, before, after);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anEntryHasOneText() {
        var entry = entry(Json.Fields.NONE, AFTER);
        assertThat(new String(entry.toCanonicalJson(), StandardCharsets.UTF_8)).isEqualTo(TEXT);
        assertThat(Entry.parse(utf8(TEXT))).isEqualTo(entry);
        var changed = entry(AFTER, fields("status", "revoked\n"));
        assertThat(Entry.parse(changed.toCanonicalJson())).isEqualTo(changed);
        for (var type : ActorType.values()) {
            var by = new Entry(Instant.EPOCH, 0, new Actor(type, "x", ""), "started", TARGET,
                    new Source("", "internal"), Json.Fields.NONE, Json.Fields.NONE);
            assertThat(Entry.parse(by.toCanonicalJson())).isEqualTo(by);
        }
    }

    @Test
    void everyOtherTextIsRefused() {
        var changes = List.<UnaryOperator<String>>of(text -> text + "\n", text -> " " + text,
                text -> text.replace("\"v\":1", "\"v\":2"), text -> text.replace("\"v\":1", "\"v\":1.0"),
                text -> text.replace("\"v\":1", "\"v\":\"1\""), text -> text.replace(",\"v\":1", ""),
                text -> text.replace("\"v\":1", "\"v\":1,\"w\":1"),
                text -> text.replace("\"type\":\"user\"", "\"type\":\"USER\""),
                text -> text.replace("\"type\":\"user\"", "\"type\":\"root\""),
                text -> text.replace("123456Z", "123456000Z"), text -> text.replace("123456Z", "123456+00:00"),
                text -> text.replace("\"2026-", "\"2026-13-"), text -> text.replace("3,\"source", "-3,\"source"),
                text -> text.replace("3,\"source", "3.5,\"source"), text -> text.replace("3,\"source", "null,\"source"),
                text -> text.replace("\"after\":{\"status\":\"active\"}", "\"after\":{}"),
                text -> text.replace("\"after\":{\"status\":\"active\"}", "\"after\":null"),
                text -> text.replace("\"after\"", "\"afterwards\""), text -> text.replace("\u015f", "\\u015f"),
                text -> text.replace("\"id\":\"7\",", ""), text -> text.replace("\"7\"", "7"),
                text -> text.replace("device.registered", "Device.registered"), text -> "[" + text + "]");
        for (var change : changes) {
            var text = change.apply(TEXT);
            assertThat(text).isNotEqualTo(TEXT);
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> Entry.parse(utf8(text)));
        }
    }

    @Test
    void whatAnEntryHoldsIsBounded() {
        var most = 16 << 10;
        var room = most - entry(Json.Fields.NONE, fields("k", "")).toCanonicalJson().length;
        var full = entry(Json.Fields.NONE, fields("k", "x".repeat(room)));
        assertThat(full.toCanonicalJson()).hasSize(most);
        assertThat(Entry.parse(full.toCanonicalJson())).isEqualTo(full);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(Json.Fields.NONE, fields("k", "x".repeat(room - 1) + "\u00e9")))
                .withMessage("an entry has at most 16384 bytes, not 16385");
        assertThatIllegalArgumentException().isThrownBy(() -> Entry.parse(new byte[most + 1]));

        refused(() -> new Actor(ActorType.USER, "", "name"));
        refused(() -> new Actor(ActorType.USER, "x".repeat(129), "name"));
        refused(() -> new Actor(ActorType.USER, "x", "n".repeat(257)));
        refused(() -> new Target("", "1", ""));
        refused(() -> new Target("Device", "1", ""));
        refused(() -> new Target("device", "", ""));
        refused(() -> new Source("a".repeat(129), "http"));
        refused(() -> new Source("", "HTTP/1.1"));
        refused(() -> new Entry(TIME, -1, ACTOR, "a.b", TARGET, SOURCE, AFTER, AFTER));
        refused(() -> new Entry(TIME, 1L << 53, ACTOR, "a.b", TARGET, SOURCE, AFTER, AFTER));
        refused(() -> new Entry(Instant.parse("1969-12-31T23:59:59Z"), 1, ACTOR, "a.b", TARGET, SOURCE, AFTER, AFTER));
        refused(() -> new Entry(Instant.parse("+10000-01-01T00:00:00Z"), 1, ACTOR, "a", TARGET, SOURCE, AFTER, AFTER));
        refused(() -> new Entry(Instant.MAX, 1, ACTOR, "a", TARGET, SOURCE, AFTER, AFTER));
        for (var action : List.of("", ".", "a.", ".a", "a..b", "A", "a b", "\u0131", "a".repeat(65))) {
            refused(() -> new Entry(TIME, 1, ACTOR, action, TARGET, SOURCE, AFTER, AFTER));
        }
    }

    private static void refused(Runnable making) {
        assertThatIllegalArgumentException().isThrownBy(making::run);
    }
}
