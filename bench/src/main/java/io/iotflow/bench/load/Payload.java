package io.iotflow.bench.load;

import java.nio.charset.StandardCharsets;

/// The JSON of one message, encoded once: `{"data":{"temperature":21.07,…},"timestamp":1767225600000000}`, about 100
/// bytes with three metrics. Per message only the time's sixteen digits and each value's two decimals change.
public final class Payload {
    /// Years 2001 to 2286 in microseconds have this many digits.
    static final int TIME_DIGITS = 16;
    private static final String[] NAMES = {"temperature", "humidity", "pressure"};
    private static final byte[] PAIRS = new byte[200];

    static {
        for (int i = 0; i < 100; i++) {
            PAIRS[2 * i] = (byte) ('0' + i / 10);
            PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
        }
    }

    private final byte[] bytes;
    private final int[] decimals;
    private final int time;

    public Payload(int metrics) {
        this(metrics, 21);
    }

    /// @param first the first metric's value without its decimals; the next ones' are one more each
    public Payload(int metrics, int first) {
        this(metrics, first, "{\"data\":{", "},\"timestamp\":", "}");
    }

    /// What a device reports of itself, the time included:
    /// `{"reported":{"temperature":21.07,…,"at":1767225600000000}}`.
    public static Payload ofShadow(int values) {
        return new Payload(values, 21, "{\"reported\":{", ",\"at\":", "}}");
    }

    private Payload(int metrics, int first, String opening, String beforeTime, String closing) {
        if (metrics < 1 || metrics > 500) throw new IllegalArgumentException("metrics must be 1 to 500");
        var json = new StringBuilder(opening);
        decimals = new int[metrics];
        for (int i = 0; i < metrics; i++) {
            json.append(i == 0 ? "" : ",").append('"').append(metric(i)).append("\":").append(first + i % 70)
                    .append('.');
            decimals[i] = json.length();
            json.append("00");
        }
        time = json.append(beforeTime).length();
        json.append("0".repeat(TIME_DIGITS)).append(closing);
        bytes = json.toString().getBytes(StandardCharsets.US_ASCII);
    }

    public static String metric(int index) {
        return index < NAMES.length ? NAMES[index] : "metric_" + index;
    }

    public int metrics() {
        return decimals.length;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /// Writes one message's digits into a frame that holds this payload from `offset` on.
    public void patch(byte[] frame, int offset, long micros) {
        int high = (int) (micros / 100_000_000);
        int low = (int) (micros % 100_000_000);
        int pair = low % 100 * 2;
        for (int decimal : decimals) {
            frame[offset + decimal] = PAIRS[pair];
            frame[offset + decimal + 1] = PAIRS[pair + 1];
        }
        eightDigits(frame, offset + time, high);
        eightDigits(frame, offset + time + 8, low);
    }

    private static void eightDigits(byte[] frame, int at, int number) {
        for (int i = at + 6; i >= at; i -= 2) {
            int rest = number / 100;
            int pair = (number - rest * 100) * 2;
            frame[i] = PAIRS[pair];
            frame[i + 1] = PAIRS[pair + 1];
            number = rest;
        }
    }
}
