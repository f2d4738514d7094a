package io.iotflow.server.live;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/// One thing that happened. Its JSON is made when the first reader wants it, and kept for the others: in two forms when
/// it has sensitive values.
public final class LiveEvent {

    /// Also the event's name for server-sent events.
    enum Type {
        TELEMETRY, ALERT, DEVICE, COMMAND, ROLLOUT, BATCH;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Whose device it is.
    public record Origin(String deviceName, OrganizationPath organization) {}

    /// Writes the fields that only this event has.
    @FunctionalInterface
    interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /// The same where some are not for everybody.
    @FunctionalInterface
    interface SensitiveFields {
        void writeTo(JsonGenerator json, boolean isClear) throws IOException;
    }

    private static final JsonFactory JSON = new JsonFactory();

    private final long sequence;
    private final Type type;
    private final DeviceId device;
    private final Origin origin;
    private final long timeMicros;
    private final SensitiveFields fields;
    private final boolean isSensitive;
    private String json;
    private String clear;

    LiveEvent(long sequence, Type type, DeviceId device, Origin origin, long timeMicros, Fields fields) {
        this(sequence, type, device, origin, timeMicros, false, (json, _) -> fields.writeTo(json));
    }

    /// @param device      null for what concerns no single one
    /// @param isSensitive whether the two forms differ
    LiveEvent(long sequence, Type type, DeviceId device, Origin origin, long timeMicros, boolean isSensitive,
            SensitiveFields fields) {
        this.sequence = sequence;
        this.type = type;
        this.device = device;
        this.origin = origin;
        this.timeMicros = timeMicros;
        this.fields = fields;
        this.isSensitive = isSensitive;
    }

    /// Grows by one with every event since the start.
    long sequence() {
        return sequence;
    }

    Type type() {
        return type;
    }

    /// Null for what concerns no single one.
    DeviceId device() {
        return device;
    }

    OrganizationPath organization() {
        return origin.organization();
    }

    /// @param isClear whether the reader may see sensitive values
    synchronized String json(boolean isClear) {
        if (isClear && isSensitive) {
            if (clear == null) clear = write(true);
            return clear;
        }
        if (json == null) json = write(false);
        return json;
    }

    private String write(boolean isClear) {
        var text = new StringWriter(256);
        try (var generator = JSON.createGenerator(text)) {
            generator.writeStartObject();
            generator.writeStringField("type", type.word());
            if (device != null) {
                generator.writeNumberField("device_id", device.value());
                generator.writeStringField("device_name", origin.deviceName());
            }
            generator.writeStringField("timestamp", Timestamps.ofMicros(timeMicros).toString());
            fields.writeTo(generator, isClear);
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
