package io.iotflow.server.ingest.mqtt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Finds in `{"device": …, "other": …}` what is said for each device, as it stands there. Pure.
final class PartReader {
    private static final JsonFactory JSON = new JsonFactory();

    /// Where in the message.
    record Part(String device, int offset, int length) {}

    private PartReader() {}

    /// @throws PlatformException for what is no such object
    static List<Part> of(byte[] bytes) {
        try (var parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw refusal();
            var parts = new ArrayList<Part>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var device = parser.currentName();
                if (!parser.nextToken().isStructStart()) throw refusal();
                var from = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parts.add(new Part(device, from, (int) parser.currentLocation().getByteOffset() - from));
            }
            if (parser.nextToken() != null) throw refusal();
            return parts;
        } catch (JsonProcessingException _) {
            throw refusal();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PlatformException refusal() {
        return PlatformException.malformed("The message is a JSON object with an object or a list for each device.");
    }
}
