package io.iotflow.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// HTTP/1.1 with keep-alive: one request is one message. Answers come in the order of the requests, so the slots are
/// counted along. Only answers with a `Content-Length` are understood; any other breaks the connection and says so.
final class HttpWire implements Wire {
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final int UNKNOWN = -1;

    private final byte[] frame;
    private final int body;
    private final Payload payload;
    private final int slots;

    private int nextAnswer;
    private boolean statusLine = true;
    private int column;
    private int status;
    private int matched;
    private long length = UNKNOWN;
    private long bodyLeft;

    HttpWire(Device device, String host, String path, Payload payload, int slots) {
        this.payload = payload;
        this.slots = slots;
        var content = payload.bytes();
        var head = String.format(Locale.ROOT, """
                POST %s HTTP/1.1
                Host: %s
                X-API-Key: %s
                Content-Type: application/json
                Content-Length: %d

                """, path, host, device.apiKey(), content.length).replace("\n", "\r\n");
        var bytes = head.getBytes(StandardCharsets.US_ASCII);
        body = bytes.length;
        frame = new byte[body + content.length];
        System.arraycopy(bytes, 0, frame, 0, body);
        System.arraycopy(content, 0, frame, body, content.length);
    }

    @Override
    public byte[] greeting() {
        return new byte[0];
    }

    @Override
    public byte[] farewell() {
        return new byte[0];
    }

    @Override
    public boolean readyAtOnce() {
        return true;
    }

    @Override
    public boolean answered() {
        return true;
    }

    @Override
    public int frameBytes() {
        return frame.length;
    }

    @Override
    public void encode(ByteBuffer out, int slot, long micros) {
        payload.patch(frame, body, micros);
        out.put(frame);
    }

    @Override
    public void read(ByteBuffer in, Answers answers) {
        while (in.hasRemaining()) {
            if (bodyLeft > 0) {
                int skipped = (int) Math.min(bodyLeft, in.remaining());
                in.position(in.position() + skipped);
                bodyLeft -= skipped;
                if (bodyLeft == 0) finish(answers);
            } else {
                head(in.get(), answers);
            }
        }
    }

    private void head(byte octet, Answers answers) {
        if (octet == '\r') return;
        if (octet != '\n') {
            if (statusLine) statusDigit(octet);
            else header(octet);
            column++;
            return;
        }
        boolean blank = column == 0;
        column = matched = 0;
        statusLine = false;
        if (!blank) return;
        if (status == 100) {
            statusLine = true;
            status = 0;
        } else if (length == UNKNOWN && status != 204) {
            answers.broken("status " + status + " came without a Content-Length");
        } else if (length > 0) {
            bodyLeft = length;
        } else {
            finish(answers);
        }
    }

    private void statusDigit(byte octet) {
        if (column >= 9 && column <= 11) status = status * 10 + octet - '0';
    }

    private void header(byte octet) {
        if (matched < 0) return;
        if (matched < LENGTH.length) {
            matched = column == matched && (octet | 0x20) == LENGTH[matched] ? matched + 1 : -1;
        } else if (octet >= '0' && octet <= '9') {
            length = Math.max(length, 0) * 10 + octet - '0';
        }
    }

    private void finish(Answers answers) {
        int answered = status;
        int slot = nextAnswer;
        nextAnswer = (nextAnswer + 1) & (slots - 1);
        statusLine = true;
        status = 0;
        length = UNKNOWN;
        if (answered >= 200 && answered < 300) answers.acknowledged(slot);
        else answers.refused(slot, answered);
    }
}
