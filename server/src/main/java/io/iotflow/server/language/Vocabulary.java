package io.iotflow.server.language;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// Which names an expression may use: that depends on what it is for.
public final class Vocabulary {
    /// What can be read of `device`, as the API calls it.
    public static final Set<String> DEVICE_FIELDS = Set.of("id", "organization_id", "name", "device_type", "type",
            "status", "description", "location", "firmware_version", "hardware_version", "user_id", "created_at",
            "updated_at", "is_online", "last_seen", "certificate_expires_at", "calibration_due_at", "config_drift",
            "groups");

    private static final Set<String> RESERVED = Set.of("metrics", "current", "device", "metadata", "timestamp",
            "shadow", "tags", "value", "payload", "bytes", "topic");
    private static final Set<String> FORBIDDEN = Set.of("__proto__", "constructor", "prototype", "eval", "arguments",
            "globalThis", "window", "global", "Function", "Object", "Reflect", "Proxy", "Symbol", "java", "javax",
            "Packages", "JavaAdapter", "importClass", "importPackage", "require", "await", "async", "yield",
            "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__parent__",
            "__iterator__");

    /// One word that an editor may offer.
    ///
    /// @param name      what is written; `metrics.<name>.avg` for any metric's name
    /// @param signature how it is used
    public record Word(String name, Kind kind, String signature, String doc) {
        public enum Kind { FUNCTION, METHOD, VARIABLE, KEYWORD }
    }

    private enum Purpose { RULE, DEVICE, PROCESSING, DECODER }

    private final Purpose purpose;
    private final Duration window;
    private final Set<String> variables;

    private Vocabulary(Purpose purpose, Duration window, String... variables) {
        this.purpose = purpose;
        this.window = window;
        this.variables = Set.of(variables);
    }

    /// All of the language.
    ///
    /// @param window what `metrics.<name>.avg` and the like look back over
    public static Vocabulary rule(Duration window) {
        new Input.Window("any", Objects.requireNonNull(window, "window"));
        return new Vocabulary(Purpose.RULE, window, "metrics", "current", "device", "metadata", "timestamp", "shadow");
    }

    /// What is known of a device without its measurements: for filters. They are held against a device when it or the
    /// filter changes, so that the time and what changes with each message mean nothing in them.
    public static Vocabulary device() {
        return new Vocabulary(Purpose.DEVICE, null, "device", "metadata", "tags");
    }

    /// One message before it is stored: `value` is what is being processed, metrics are those of the same message.
    public static Vocabulary processing() {
        return new Vocabulary(Purpose.PROCESSING, null, "value", "metrics", "device", "metadata", "timestamp");
    }

    /// A payload that is no JSON: answers with an object of metrics.
    public static Vocabulary decoder() {
        return new Vocabulary(Purpose.DECODER, null, "payload", "bytes", "topic", "device", "metadata", "timestamp");
    }

    /// All words that may be used, methods of values among them. Names of metrics are not: they are open.
    public List<Word> words() {
        return Words.of(this);
    }

    boolean hasMetrics() {
        return variables.contains("metrics");
    }

    boolean hasVariable(String name) {
        return variables.contains(name);
    }

    boolean hasTime() {
        return hasVariable("timestamp");
    }

    boolean hasHistory() {
        return purpose == Purpose.RULE;
    }

    boolean decodes() {
        return purpose == Purpose.DECODER;
    }

    boolean makesObjects() {
        return purpose == Purpose.DECODER;
    }

    Duration window() {
        return window;
    }

    String noWindows() {
        return "Earlier values cannot be read here.";
    }

    /// What to write where a function cannot be called, because it looks at what changes with each message.
    String insteadOf(String function) {
        return switch (purpose) {
            case DEVICE -> function.equals("inside") ? "A filter is not asked again when a device moves: let a rule say"
                    + " inside('…') and set a tag, and ask for that tag, such as tags.place === 'yard'."
                    : "A filter is not asked again with each message: use device, metadata and tags.";
            case PROCESSING, DECODER, RULE -> "Use values of this message, device and metadata.";
        };
    }

    String example() {
        return switch (purpose) {
            case RULE -> "temperature > 30";
            case DEVICE -> "device.type === 'sensor'";
            case PROCESSING -> "value * 1.8 + 32";
            case DECODER -> "({temperature: int16(bytes, 0) / 100})";
        };
    }

    Set<String> variables() {
        return new TreeSet<>(variables);
    }

    /// Whether the name means something to the language anywhere, so that no metric is meant by it.
    boolean isReserved(String name) {
        return RESERVED.contains(name) && (variables.contains(name) || !hasMetrics() || !isLocal(name));
    }

    /// Names of decoders, of processing and of filters are free in rules.
    private static boolean isLocal(String name) {
        return List.of("tags", "value", "payload", "bytes", "topic").contains(name);
    }

    static boolean isForbidden(String name) {
        return FORBIDDEN.contains(name);
    }
}
