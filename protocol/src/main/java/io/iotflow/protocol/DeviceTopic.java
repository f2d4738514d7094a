package io.iotflow.protocol;

import java.util.Optional;
import java.util.Set;

/// A topic below a device's root, `devices/{device}/…` or `iotflow/devices/{device}/…`; both roots are the same tree.
///
/// @param device the device's id or name as written in the topic
/// @param kind   what it is for
/// @param rest   what follows the kind's word, without the leading slash; empty if nothing does
public record DeviceTopic(String device, Kind kind, String rest) {

    /// The word after the device decides.
    public enum Kind {
        TELEMETRY("telemetry", true),
        HEARTBEAT("heartbeat", true),
        STATUS("status", true),
        ERRORS("errors", true),
        COMMANDS("commands", false),
        CONFIG("config", false),
        SHADOW("shadow", false),
        FIRMWARE("firmware", false),
        QUARANTINE("quarantine", false);

        private final String word;
        private final boolean up;

        Kind(String word, boolean up) {
            this.word = word;
            this.up = up;
        }

        public String word() {
            return word;
        }

        boolean isUp() {
            return up;
        }
    }

    private static final String RESULT = "/result";
    private static final String FIRMWARE_STATUS = "status";
    private static final String FIRMWARE_REQUEST = "request/";

    private static final Set<String> SHADOW_REQUESTS = Set.of("update", "get");

    /// Whether a device publishes here. Below `commands` that is only `{id}/result`, below `shadow` what asks, and
    /// below `firmware` only `status` and `request/…`.
    public boolean isUp() {
        return kind.isUp() || kind == Kind.COMMANDS && rest.endsWith(RESULT)
                || kind == Kind.SHADOW && SHADOW_REQUESTS.contains(rest)
                || kind == Kind.FIRMWARE && (rest.equals(FIRMWARE_STATUS) || rest.startsWith(FIRMWARE_REQUEST));
    }

    private static final String ROOT = "devices/";
    private static final String LONG_ROOT = "iotflow/devices/";

    /// Empty if the topic is not below a device's root or its kind is unknown.
    public static Optional<DeviceTopic> parse(String topic) {
        var start = startOfDevice(topic);
        if (start < 0) return Optional.empty();
        var slash = topic.indexOf('/', start);
        if (slash <= start) return Optional.empty();
        var next = topic.indexOf('/', slash + 1);
        var end = next < 0 ? topic.length() : next;
        for (var kind : KINDS) {
            if (kind.word.length() == end - slash - 1 && topic.startsWith(kind.word, slash + 1)) {
                var rest = next < 0 ? "" : topic.substring(next + 1);
                return Optional.of(new DeviceTopic(topic.substring(start, slash), kind, rest));
            }
        }
        return Optional.empty();
    }

    /// The device named by a topic or topic filter below either root; empty if there is none.
    public static Optional<String> deviceOf(String topic) {
        var start = startOfDevice(topic);
        if (start < 0) return Optional.empty();
        var slash = topic.indexOf('/', start);
        var end = slash < 0 ? topic.length() : slash;
        return end == start ? Optional.empty() : Optional.of(topic.substring(start, end));
    }

    /// The topic below the short root.
    public static String of(String device, Kind kind) {
        return ROOT + device + '/' + kind.word;
    }

    public static String of(String device, Kind kind, String rest) {
        return of(device, kind) + '/' + rest;
    }

    private static int startOfDevice(String topic) {
        return topic.startsWith(ROOT) ? ROOT.length() : topic.startsWith(LONG_ROOT) ? LONG_ROOT.length() : -1;
    }

    private static final Kind[] KINDS = Kind.values();
}
