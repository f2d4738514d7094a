package io.iotflow.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final Device DEVICE = new Device("7", "d7", "k");
    private static final long TIME = 1_767_225_600_123_456L;

    @Test
    void payloadCarriesTheTimeAndAChangingValue() {
        var payload = new Payload(3);
        var bytes = payload.bytes();
        payload.patch(bytes, 0, TIME);
        assertThat(new String(bytes, US_ASCII)).isEqualTo("{\"data\":{\"temperature\":21.56,\"humidity\":22.56,"
                + "\"pressure\":23.56},\"timestamp\":1767225600123456}");
    }

    @Test
    void mqttConnectNamesTheDeviceAndItsKey() {
        var wire = MqttWire.publisher(DEVICE, "t", 1, new Payload(1));
        check(wire.greeting(), "10 15"                  // CONNECT, 21 bytes
                + "00 04 4d515454 04"                   // MQTT, level 4
                + "c2"                                  // user name, password, clean session
                + "0e10"                                // keep alive 3600 s
                + "0002 6437"                           // client d7
                + "0002 6437"                           // user d7
                + "0001 6b");                           // password k
    }

    @Test
    void mqttPublishCarriesTheSlotPlusOneAsItsPacketId() {
        var payload = new Payload(1);
        var wire = MqttWire.publisher(DEVICE, "t", 1, payload);
        var out = ByteBuffer.allocate(wire.frameBytes());
        wire.encode(out, 0x1233, TIME);
        var body = payload.bytes();
        payload.patch(body, 0, TIME);
        check(out.array(), "32 %02x".formatted(5 + body.length)     // PUBLISH, QoS 1
                + "0001 74"                                         // topic t
                + "1234"                                            // packet id
                + HexFormat.of().formatHex(body));
    }

    @Test
    void mqttSubscriberAsksAtOnce() {
        assertThat(HexFormat.of().formatHex(MqttWire.subscriber(new Device("0", "c", ""), "a/+").greeting()))
                .endsWith("82 08 0001 0003 612f2b 00".replace(" ", ""));
    }

    @Test
    void mqttAnswersAreUnderstoodWhereverTheyAreCut() {
        var publish = "30 c801" + "0001 74" + "00".repeat(197);      // 200 bytes: a two byte length
        var bytes = hex("20020000" + "40020001" + "d000" + "40021234" + publish + "40020002");
        checkCuts(() -> MqttWire.publisher(DEVICE, "t", 1, new Payload(1)), bytes,
                List.of("ready", "ack 0", "ack 4659", "delivered", "ack 1"));
    }

    @Test
    void mqttSubscriberIsReadyOnceSubscribed() {
        checkCuts(() -> MqttWire.subscriber(DEVICE, "#"), hex("20020000 9003000100"), List.of("ready"));
    }

    @Test
    void mqttRefusalBreaksTheConnection() {
        checkCuts(() -> MqttWire.publisher(DEVICE, "t", 1, new Payload(1)), hex("20020005"),
                List.of("broken CONNACK return code 5"));
    }

    @Test
    void httpRequestIsWhole() {
        var wire = new HttpWire(DEVICE, "h:1", "/p", new Payload(1), 1);
        var out = ByteBuffer.allocate(wire.frameBytes());
        wire.encode(out, 0, TIME);
        assertThat(new String(out.array(), US_ASCII)).isEqualTo(
                "POST /p HTTP/1.1\r\nHost: h:1\r\nX-API-Key: k\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 59\r\n\r\n"
                        + "{\"data\":{\"temperature\":21.56},\"timestamp\":1767225600123456}");
    }

    @Test
    void httpAnswersAreUnderstoodWhereverTheyAreCut() {
        var text = "HTTP/1.1 201 Created\r\nX: content-length: 9\r\ncontent-LENGTH: 12\r\n\r\n{\"a\":\"\r\n\r\n\"}"
                + "HTTP/1.1 100 Continue\r\n\r\n"
                + "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\n\r\n";
        checkCuts(() -> new HttpWire(DEVICE, "h", "/", new Payload(1), 4), text.getBytes(US_ASCII),
                List.of("ack 0", "refused 1 503", "ack 2"));
    }

    @Test
    void httpAnswerOfUnknownLengthBreaksTheConnection() {
        checkCuts(() -> new HttpWire(DEVICE, "h", "/", new Payload(1), 1),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(US_ASCII),
                List.of("broken status 200 came without a Content-Length"));
    }

    private interface Fresh {
        Wire wire();
    }

    /// Cuts the bytes in two at every place, and into single bytes.
    private static void checkCuts(Fresh fresh, byte[] bytes, List<String> expected) {
        for (int cut = 0; cut <= bytes.length; cut++) {
            var heard = new Heard();
            var wire = fresh.wire();
            wire.read(ByteBuffer.wrap(bytes, 0, cut), heard);
            wire.read(ByteBuffer.wrap(bytes, cut, bytes.length - cut), heard);
            assertThat(heard.words).as("cut at %d", cut).isEqualTo(expected);
        }
        var heard = new Heard();
        var wire = fresh.wire();
        for (byte octet : bytes) wire.read(ByteBuffer.wrap(new byte[] {octet}), heard);
        assertThat(heard.words).as("byte by byte").isEqualTo(expected);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static void check(byte[] bytes, String hex) {
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(hex.replace(" ", ""));
    }

    private static final class Heard implements Wire.Answers {
        final List<String> words = new ArrayList<>();

        @Override
        public void ready() {
            words.add("ready");
        }

        @Override
        public void acknowledged(int slot) {
            words.add("ack " + slot);
        }

        @Override
        public void refused(int slot, int code) {
            words.add("refused " + slot + " " + code);
        }

        @Override
        public void delivered() {
            words.add("delivered");
        }

        @Override
        public void broken(String why) {
            words.add("broken " + why);
        }
    }
}
