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

/// One thing that happened. Its JSON is made when the first reader wants it, and kept for the others.
public final class LiveEvent {

    /// Also the event's name for server-sent events.
    enum Type {
        TELEMETRY, ALERT, DEVICE, COMMAND, ROLLOUT;

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

    private static final JsonFactory JSON = new JsonFactory();

    private final long sequence;
    private final Type type;
    private final DeviceId device;
    private final Origin origin;
    private final long timeMicros;
    private final Fields fields;
    private String json;

    LiveEvent(long sequence, Type type, DeviceId device, Origin origin, long timeMicros, Fields fields) {
        this.sequence = sequence;
        this.type = type;
        this.device = device;
        this.origin = origin;
        this.timeMicros = timeMicros;
        this.fields = fields;
    }

    /// Grows by one with every event since the start.
    long sequence() {
        return sequence;
    }

    Type type() {
        return type;
    }

    DeviceId device() {
        return device;
    }

    OrganizationPath organization() {
        return origin.organization();
    }

    synchronized String json() {
        if (json == null) json = write();
        return json;
    }

    private String write() {
        var text = new StringWriter(256);
        try (var generator = JSON.createGenerator(text)) {
            generator.writeStartObject();
            generator.writeStringField("type", type.word());
            generator.writeNumberField("device_id", device.value());
            generator.writeStringField("device_name", origin.deviceName());
            generator.writeStringField("timestamp", Timestamps.ofMicros(timeMicros).toString());
            fields.writeTo(generator);
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
