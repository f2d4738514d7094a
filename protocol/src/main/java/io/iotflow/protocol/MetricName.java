package io.iotflow.protocol;

/// What a metric may be called.
public final class MetricName {
    /// The rule in words, to follow the name in a message.
    public static final String RULE = "is no metric name: use 1 to " + TelemetryLimits.METRIC_NAME
            + " characters of A-Z a-z 0-9 _ - . : /";

    private static final boolean[] ALLOWED = new boolean[128];

    static {
        for (char c = '0'; c <= '9'; c++) ALLOWED[c] = true;
        for (char c = 'a'; c <= 'z'; c++) ALLOWED[c] = ALLOWED[c - 'a' + 'A'] = true;
        for (var c : "_-.:/".toCharArray()) ALLOWED[c] = true;
    }

    private MetricName() {}

    public static boolean isValid(String name) {
        if (name.isEmpty() || name.length() > TelemetryLimits.METRIC_NAME) return false;
        for (int i = 0; i < name.length(); i++) {
            var c = name.charAt(i);
            if (c >= 128 || !ALLOWED[c]) return false;
        }
        return true;
    }
}
