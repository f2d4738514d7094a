package io.iotflow.server.ingest;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.ingest.DeviceEvent.ErrorReceived;
import io.iotflow.server.ingest.DeviceEvent.FirmwareReceived;
import io.iotflow.server.ingest.DeviceEvent.HeartbeatReceived;
import io.iotflow.server.ingest.DeviceEvent.ResultReceived;
import io.iotflow.server.ingest.DeviceEvent.ShadowReceived;
import io.iotflow.server.ingest.DeviceEvent.StatusReceived;
import io.iotflow.server.ingest.DeviceEvent.TelemetryReceived;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events as bytes in the log.
/// ```
/// kind(1) device(8) received(8) body
/// telemetry: { form(1) [time(8) unless it is the one before] name-length(1) name value }*
/// value:     whole 8 · real 8 · flag 0 · text length(4) bytes · sealed length(4) bytes
/// status, result, firmware: length(4) bytes length(4) bytes        errors: length(4) bytes
/// shadow: desired-version(8) length(4) bytes length(4) bytes
/// ```
/// One instance for each reading thread; encoding may be done by any.
final class EventCodec {
    private static final Logger LOG = LoggerFactory.getLogger(EventCodec.class);
    private static final int HEADER = 17;
    private static final byte TELEMETRY = 1;
    private static final byte HEARTBEAT = 2;
    private static final byte STATUS = 3;
    private static final byte ERROR = 4;
    private static final byte RESULT = 5;
    private static final byte SHADOW = 6;
    private static final byte FIRMWARE = 7;

    private static final int WHOLE = 0;
    private static final int REAL = 1;
    private static final int FALSE = 2;
    private static final int TRUE = 3;
    private static final int TEXT = 4;
    /// And the type of what is inside.
    private static final int SEALED = 5;
    private static final Value.Type[] TYPES = Value.Type.values();
    private static final int FORM = 0x7F;
    private static final int SAME_TIME = 0x80;

    private final Names names = new Names();

    static ByteBuffer telemetry(DeviceId device, long received, List<Measurement> measurements) {
        var texts = new byte[measurements.size()][];
        var size = HEADER;
        for (int i = 0; i < texts.length; i++) {
            var measurement = measurements.get(i);
            size += 10 + measurement.metric().length() + switch (measurement.value()) {
                case Value.Whole _, Value.Real _ -> 8;
                case Value.Flag _ -> 0;
                case Value.Text(var text) -> 4 + (texts[i] = text.getBytes(StandardCharsets.UTF_8)).length;
                case Value.Sealed(_, var envelope) ->
                        4 + (texts[i] = envelope.getBytes(StandardCharsets.ISO_8859_1)).length;
            };
        }
        var bytes = begin(size, TELEMETRY, device, received);
        var previous = received;
        for (int i = 0; i < texts.length; i++) {
            var measurement = measurements.get(i);
            var same = measurement.timeMicros() == previous;
            bytes.put((byte) (form(measurement.value()) | (same ? SAME_TIME : 0)));
            if (!same) bytes.putLong(measurement.timeMicros());
            previous = measurement.timeMicros();
            putName(bytes, measurement.metric());
            switch (measurement.value()) {
                case Value.Whole(var number) -> bytes.putLong(number);
                case Value.Real(var number) -> bytes.putDouble(number);
                case Value.Flag _ -> { }
                case Value.Text _, Value.Sealed _ -> bytes.putInt(texts[i].length).put(texts[i]);
            }
        }
        return bytes.flip();
    }

    static ByteBuffer heartbeat(DeviceId device, long received) {
        return begin(HEADER, HEARTBEAT, device, received).flip();
    }

    static ByteBuffer status(DeviceId device, long received, String word, String text) {
        return texts(STATUS, device, received, word, text);
    }

    static ByteBuffer error(DeviceId device, long received, String text) {
        return texts(ERROR, device, received, text);
    }

    static ByteBuffer result(DeviceId device, long received, String command, String text) {
        return texts(RESULT, device, received, command, text);
    }

    static ByteBuffer shadow(DeviceId device, long received, String word, long desiredVersion, String text) {
        var what = word.getBytes(StandardCharsets.UTF_8);
        var said = text.getBytes(StandardCharsets.UTF_8);
        return begin(HEADER + 16 + what.length + said.length, SHADOW, device, received).putLong(desiredVersion)
                .putInt(what.length).put(what).putInt(said.length).put(said).flip();
    }

    static ByteBuffer firmware(DeviceId device, long received, String word, String text) {
        return texts(FIRMWARE, device, received, word, text);
    }

    /// Whose event it is, without reading the rest; 0 for one that cannot be read.
    static long deviceOf(ByteBuffer event) {
        return event.remaining() < HEADER ? 0 : event.getLong(event.position() + 1);
    }

    /// When it was received, without reading the rest; 0 for one that cannot be read.
    static long receivedOf(ByteBuffer event) {
        return event.remaining() < HEADER ? 0 : event.getLong(event.position() + 9);
    }

    /// The event, or empty for one that cannot be read: written by a newer version, or a bug. It is logged and must
    /// not stop what comes after it.
    Optional<DeviceEvent> read(ByteBuffer event) {
        try {
            return Optional.of(decode(event));
        } catch (RuntimeException e) {
            LOG.error("event=unreadable_record effect=\"skipped\"", e);
            return Optional.empty();
        }
    }

    DeviceEvent decode(ByteBuffer event) {
        var kind = event.get();
        var device = new DeviceId(event.getLong());
        var received = event.getLong();
        return switch (kind) {
            case TELEMETRY -> new TelemetryReceived(device, received, measurements(event, received));
            case HEARTBEAT -> new HeartbeatReceived(device, received);
            case STATUS -> new StatusReceived(device, received, text(event), text(event));
            case ERROR -> new ErrorReceived(device, received, text(event));
            case RESULT -> new ResultReceived(device, received, text(event), text(event));
            case SHADOW -> shadow(device, received, event.getLong(), event);
            case FIRMWARE -> new FirmwareReceived(device, received, text(event), text(event));
            default -> throw new IllegalStateException("BUG: the log holds an event of kind " + kind);
        };
    }

    private static ShadowReceived shadow(DeviceId device, long received, long desiredVersion, ByteBuffer event) {
        return new ShadowReceived(device, received, text(event), desiredVersion, text(event));
    }

    private List<Measurement> measurements(ByteBuffer event, long received) {
        var measurements = new ArrayList<Measurement>(4);
        var time = received;
        while (event.hasRemaining()) {
            var form = event.get();
            if ((form & SAME_TIME) == 0) time = event.getLong();
            var name = names.read(event);
            var value = switch (form & FORM) {
                case WHOLE -> new Value.Whole(event.getLong());
                case REAL -> new Value.Real(event.getDouble());
                case FALSE -> new Value.Flag(false);
                case TRUE -> new Value.Flag(true);
                case TEXT -> new Value.Text(text(event));
                case SEALED, SEALED + 1, SEALED + 2 ->
                        new Value.Sealed(TYPES[(form & FORM) - SEALED], text(event));
                default -> throw new IllegalStateException("BUG: the log holds a value of form " + form);
            };
            measurements.add(new Measurement(name, time, value));
        }
        return measurements;
    }

    private static int form(Value value) {
        return switch (value) {
            case Value.Whole _ -> WHOLE;
            case Value.Real _ -> REAL;
            case Value.Flag(var on) -> on ? TRUE : FALSE;
            case Value.Text _ -> TEXT;
            case Value.Sealed(var type, _) -> SEALED + type.ordinal();
        };
    }

    private static ByteBuffer begin(int size, byte kind, DeviceId device, long received) {
        return ByteBuffer.allocate(size).put(kind).putLong(device.value()).putLong(received);
    }

    private static ByteBuffer texts(byte kind, DeviceId device, long received, String... texts) {
        var encoded = new byte[texts.length][];
        var size = HEADER;
        for (int i = 0; i < texts.length; i++) {
            encoded[i] = texts[i].getBytes(StandardCharsets.UTF_8);
            size += 4 + encoded[i].length;
        }
        var bytes = begin(size, kind, device, received);
        for (var text : encoded) bytes.putInt(text.length).put(text);
        return bytes.flip();
    }

    /// Metric names are ASCII, at most 128 characters.
    @SuppressWarnings("deprecation") // the one conversion that neither allocates nor looks up a charset
    private static void putName(ByteBuffer bytes, String name) {
        var length = name.length();
        bytes.put((byte) length);
        name.getBytes(0, length, bytes.array(), bytes.position());
        bytes.position(bytes.position() + length);
    }

    private static String text(ByteBuffer event) {
        var bytes = new byte[event.getInt()];
        event.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// Gives the same string for the same bytes, so that reading a known name allocates nothing. A full slot is simply
    /// overwritten.
    private static final class Names {
        private static final int SLOTS = 1 << 13;
        private final String[] slots = new String[SLOTS];

        @SuppressWarnings("deprecation")
        String read(ByteBuffer event) {
            var length = Byte.toUnsignedInt(event.get());
            var start = event.position();
            var hash = length;
            for (int i = 0; i < length; i++) hash = 31 * hash + event.get(start + i);
            event.position(start + length);
            var slot = (hash ^ hash >>> 13) & SLOTS - 1;
            var known = slots[slot];
            if (known != null && matches(known, event, start, length)) return known;
            var bytes = new byte[length];
            event.get(start, bytes);
            return slots[slot] = new String(bytes, 0);
        }

        private static boolean matches(String name, ByteBuffer event, int start, int length) {
            if (name.length() != length) return false;
            for (int i = 0; i < length; i++) if (name.charAt(i) != event.get(start + i)) return false;
            return true;
        }
    }
}
